// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <string>
#include <vector>

#include "models/ports/prediction_log.h"

namespace pilothouse::shell {

/// One clause of the query language, typed in place of its chip. Enter takes it when it parses, Esc leaves all as it
/// was.
class FilterEdit : public QLineEdit {
    Q_OBJECT
public:
    FilterEdit(const QString& text, const std::vector<ports::FieldInfo>& fields, QWidget* parent);

Q_SIGNALS:
    void taken(const QString& clause);  ///< parses, or is blank
    void left();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void finish(bool keep);
    [[nodiscard]] QString problem() const;
    bool m_done = false;
};

}  // namespace pilothouse::shell
