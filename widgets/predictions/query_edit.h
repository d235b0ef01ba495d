// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <QStringList>
#include <optional>

#include "models/items/prediction_clauses.h"

class QCompleter;

namespace pilothouse::predictions_view {

class CompletionModel;

/// The query bar: parses while one types, colours what it understands, completes names and values, remembers.
/// Enter applies, Esc goes back to what is applied, arrows walk through former queries.
class QueryEdit : public QLineEdit {
    Q_OBJECT
public:
    explicit QueryEdit(QWidget* parent = nullptr);

    void setFields(std::vector<ports::FieldInfo> fields);
    /// Answers valuesWanted().
    void setValues(const QString& field, const ports::TopValues& values);
    /// What the lens holds; text that is being edited is left alone.
    void setApplied(const QString& text);
    void setHistory(const QStringList& history);
    [[nodiscard]] const QStringList& history() const { return m_history; }
    /// "Position 12: expected a value, found the end"; empty while the text parses.
    [[nodiscard]] const QString& problem() const { return m_problem; }
    [[nodiscard]] QCompleter* completer() const { return m_completer; }

Q_SIGNALS:
    void applied(const QStringList& clauses);
    void typed(const QStringList& clauses);  ///< what stands there now, and parses
    void problemChanged();
    void valuesWanted(const QString& field);
    void left();  ///< Esc or Down with nothing to undo: the rows get the keyboard
    void historyChanged();

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void edited();
    void check();
    void colour();
    void suggest();
    void offerValues();
    void showSuggestions(std::vector<items::Completion> suggestions);
    void insert(const QString& completion);
    void apply();
    void walkHistory(int step);

    std::vector<ports::FieldInfo> m_fields;
    QString m_applied, m_problem, m_draft;
    qsizetype m_problemAt = -1;
    QStringList m_history;
    int m_place = -1;  ///< in the history; -1: the draft
    items::TypedToken m_token;
    QString m_valuesOf;  ///< the field whose values are known, so that further keys need no question
    ports::TopValues m_values;
    QCompleter* m_completer;
    CompletionModel* m_model;
    bool m_colouring = false;
};

}  // namespace pilothouse::predictions_view
