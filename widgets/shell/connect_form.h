// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "models/base/latest.h"
#include "models/workspace/connections.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace pilothouse::shell {

/// Asks for a Prometheus: its address, a name, and the name of the environment variable that holds a token. "Test" asks
/// the server; "Connect" needs no test, since a server may be down when it is written down.
class ConnectForm : public QDialog {
    Q_OBJECT
public:
    /// `taken`: names that are connections already.
    explicit ConnectForm(QStringList taken, QWidget* parent = nullptr);

Q_SIGNALS:
    void chosen(const workspace::Connection& connection);

private:
    [[nodiscard]] workspace::Connection connection() const;
    void suggestName();
    void check();
    void test();
    void say(const QString& words, bool wrong);

    const QStringList m_taken;
    QLineEdit *m_url, *m_name, *m_token;
    QLabel* m_answer;
    QPushButton *m_test, *m_connect;
    bool m_named = false;
    Latest m_asking;
};

}  // namespace pilothouse::shell
