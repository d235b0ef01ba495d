// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <string_view>
#include <vector>

#include "models/base/latest.h"
#include "models/workspace/connections.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace pilothouse::shell {

/// Asks for a system to connect to: its kind and address, a name, and who we are there. "Test" goes the way step by
/// step; "Connect" needs no test, since a server may be down when it is written down. A secret is read from an
/// environment variable or kept in the desktop's keychain; the form gives on where it is, never the secret.
class ConnectForm : public QDialog {
    Q_OBJECT
public:
    /// `taken`: names that are connections already.
    explicit ConnectForm(QStringList taken, QWidget* parent = nullptr);

Q_SIGNALS:
    void chosen(const workspace::Connection& connection);

private:
    [[nodiscard]] workspace::Connection connection() const;
    [[nodiscard]] bool usesKeychain() const;
    void addCredentials(QFormLayout& form);
    void addMore(QFormLayout& form);
    void showKind();
    void showCredentials();
    void suggestName();
    void check();
    void test();
    void finish();
    void say(const QString& words, bool wrong);

    const QStringList m_taken;
    QComboBox *m_kind, *m_group, *m_scheme, *m_where;
    QLineEdit *m_url, *m_name, *m_user, *m_token;
    std::vector<std::pair<std::string_view, QLineEdit*>> m_more;  ///< an option of a connection and its field
    QFormLayout* m_form;
    QLabel* m_answer;
    QPushButton *m_test, *m_connect;
    bool m_named = false;
    Latest m_asking, m_keeping;
};

}  // namespace pilothouse::shell
