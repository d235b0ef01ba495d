// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QWidget>
#include <map>

#include "models/items/monitor_editor.h"
#include "models/monitoring/monitor_text.h"

namespace pilothouse::monitor_view {

/// The keys of a monitor that most people set, each by an edit of its own; those of other kinds are hidden. Texts are
/// as in the monitor's YAML.
class MonitorFields : public QWidget {
    Q_OBJECT
public:
    explicit MonitorFields(QWidget* parent = nullptr);
    /// What models, references and columns are offered.
    void offer(const items::MonitorEditor::Choices& choices);
    /// Shows a monitor's keys; what it does not have is shown empty.
    void setValues(const monitoring::MonitorValues& values);
    /// Of the fields that the kind has; empty ones are to be taken away.
    [[nodiscard]] monitoring::MonitorValues values() const;
    [[nodiscard]] QString value(const char* key) const;
    void setValue(const char* key, const QString& text);
    /// Marks the field that an error names ("window: …").
    void mark(const QString& error);

Q_SIGNALS:
    void edited();

private:
    void addField(const char* key, const char* title, const char* hint, const std::vector<const char*>& choices,
                  bool free);
    void offerReferences();
    void showFieldsOfKind();

    std::map<std::string, QLineEdit*> m_lines;
    std::map<std::string, QComboBox*> m_boxes;
    QFormLayout* m_form;
    std::vector<monitoring::StoredProfile> m_profiles;
    bool m_filling = false;
};

}  // namespace pilothouse::monitor_view
