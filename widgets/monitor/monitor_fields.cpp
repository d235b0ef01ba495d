// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/monitor/monitor_fields.h"

#include <QLabel>
#include <array>

#include "widgets/theme/tokens.h"

namespace pilothouse::monitor_view {

using theme::Token;

namespace {

/// Kinds as bits, for the fields that only some have.
enum Kinds : unsigned {
    All = ~0u,
    WithReference = 1,
    WithMetric = 2,
    WithColumns = 4,
    Business = 8,
    Quality = 16,
    WithLimit = 32,
    WithLabels = 64,
    WithClass = 128
};

unsigned bitsOf(const QString& kind) {
    static const std::map<QString, unsigned> bits{
        {QStringLiteral("drift"), WithReference | WithColumns},
        {QStringLiteral("score"), WithReference | WithClass},
        {QStringLiteral("quality"), WithReference | WithColumns | Quality},
        {QStringLiteral("performance"), WithReference | WithMetric | WithLimit | WithLabels},
        {QStringLiteral("label_free"), WithReference | WithMetric | WithLimit},
        {QStringLiteral("latency"), WithColumns | WithLimit},
        {QStringLiteral("multivariate"), WithReference | WithColumns},
        {QStringLiteral("business"), Business | WithLabels}};
    const auto place = bits.find(kind);
    return place == bits.end() ? 0 : place->second;
}

/// One line of the form. `choices`: a box to choose from; where it is free, anything else may be written there.
struct Field {
    const char *key, *title, *hint;
    unsigned kinds = All;
    std::vector<const char*> choices = {};
    bool free = true;
};

const std::vector<Field>& fields() {
    static const std::vector<Field> rows{
        {"name", "Name", "as it stands in alerts and lists"},
        {"model", "Model", "", All, {""}},
        {"kind", "Watches", "", All, {}, false},
        {"query", "Only rows", "all; for example carrier:UA"},
        {"columns", "Columns", "all features; or names, separated by commas", WithColumns},
        {"reference", "Against", "the version in production", WithReference, {""}},
        {"window", "Window", "a week", All, {"day", "week", "28d", "6h", "1h", "10000 rows"}},
        {"step", "Step", "as long as the window"},
        {"maturity", "Waits for labels", "not at all; for example 36h", WithLabels},
        {"metric",
         "Metric",
         "what the model's task has",
         WithMetric,
         {"", "auc", "accuracy", "precision", "recall", "f1", "log_loss", "brier", "macro_f1", "mae", "rmse", "mape",
          "r2"}},
        {"classes", "Classes", "of several: what outcomes 0, 1, 2 mean", WithMetric},
        {"predicted", "Predicted class", "a column; else the most probable", WithMetric | WithClass},
        {"probabilities", "Probabilities", "a column a class", WithMetric},
        {"limit", "Limit", "what it was in the reference", WithLimit},
        {"formula", "Formula", "mean(if(score >= 0.5, outcome * 120 - 40, 0))", Business},
        {"at_least", "At least", "what it must not undercut", Business},
        {"at_most", "At most", "what it must not exceed", Business},
        {"checks", "Checks", "missing, range, unseen", Quality},
        {"minimum_effect", "Minimum effect", "0.1"},
        {"false_alarm_rate", "False alarms", "0.01 of the windows"},
        {"persistence", "Fires after", "2 of 3 windows"},
        {"severity", "Severity", "", All, {"warning", "info", "alarm"}, false},
        {"cluster", "Alike rows", "none; rows of a day share much: date"},
        {"description", "Description", ""}};
    return rows;
}

}  // namespace

MonitorFields::MonitorFields(QWidget* parent) : QWidget(parent) {
    m_form = new QFormLayout(this);
    m_form->setContentsMargins(0, 0, 0, 0);
    m_form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    for (const Field& field : fields())
        addField(field.key, field.title, field.hint, field.choices, field.free);
    auto* kinds = m_boxes.at("kind");
    for (const monitoring::MonitorKind kind : monitoring::kMonitorKinds)
        kinds->addItem(QString::fromLatin1(monitoring::toString(kind)));
    kinds->setCurrentText(QStringLiteral("drift"));
    showFieldsOfKind();
}

void MonitorFields::addField(const char* key, const char* title, const char* hint,
                             const std::vector<const char*>& choices, bool free) {
    QWidget* edit = nullptr;
    const auto changed = [this] {
        if (m_filling) return;
        showFieldsOfKind();
        offerReferences();
        Q_EMIT edited();
    };
    if (choices.empty() && free) {
        auto* line = new QLineEdit(this);
        line->setPlaceholderText(QString::fromUtf8(hint));
        connect(line, &QLineEdit::textChanged, this, changed);
        m_lines[key] = line;
        edit = line;
    } else {
        auto* box = new QComboBox(this);
        box->setEditable(free);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(12);
        for (const char* choice : choices)
            box->addItem(QString::fromLatin1(choice));
        connect(box, &QComboBox::currentTextChanged, this, changed);
        if (free) box->lineEdit()->setPlaceholderText(QString::fromUtf8(hint));
        m_boxes[key] = box;
        edit = box;
    }
    edit->setObjectName(QStringLiteral("monitor_") + QString::fromLatin1(key));
    edit->setAccessibleName(QString::fromUtf8(title));
    edit->setToolTip(QString::fromUtf8(hint));
    m_form->addRow(QString::fromUtf8(title), edit);
}

void MonitorFields::showFieldsOfKind() {
    const unsigned kind = bitsOf(value("kind"));
    for (const auto& row : fields()) {
        const auto line = m_lines.find(row.key);
        QWidget* edit = line != m_lines.end() ? static_cast<QWidget*>(line->second) : m_boxes.at(row.key);
        const bool shown = row.kinds == All || (row.kinds & kind) != 0;
        edit->setVisible(shown);
        if (QWidget* label = m_form->labelForField(edit)) label->setVisible(shown);
    }
}

void MonitorFields::offer(const items::MonitorEditor::Choices& choices) {
    m_filling = true;
    QComboBox* const models = m_boxes.at("model");
    const QString was = models->currentText();
    models->clear();
    for (const std::string& model : choices.models)
        models->addItem(QString::fromStdString(model));
    if (!was.isEmpty() || models->count() != 1) models->setCurrentText(was);
    m_profiles = choices.profiles;
    QString columns;
    for (const std::string& column : choices.columns)
        columns += (columns.isEmpty() ? QString() : QStringLiteral(", ")) + QString::fromStdString(column);
    m_lines.at("columns")->setToolTip(QStringLiteral("all features; or some of: %1").arg(columns.left(600)));
    offerReferences();
    m_filling = false;
}

/// The profiles that the model has, and the window before, which needs none.
void MonitorFields::offerReferences() {
    QComboBox* const box = m_boxes.at("reference");
    const std::string model = value("model").toStdString();
    QStringList offered{QStringLiteral("champion")};
    bool any = false;
    for (const monitoring::StoredProfile& profile : m_profiles) {
        if (profile.model != model) continue;
        if (!any) offered << QStringLiteral("newest");
        any = true;
        if (!profile.version.empty())
            if (const QString version = QStringLiteral("version ") + QString::fromStdString(profile.version);
                !offered.contains(version))
                offered << version;
    }
    offered << QStringLiteral("previous");
    QStringList there;
    for (int i = 0; i < box->count(); ++i)
        there << box->itemText(i);
    if (there == offered) return;
    const QString was = box->currentText();
    const bool filling = m_filling;
    m_filling = true;
    box->clear();
    box->addItems(offered);
    box->setCurrentText(was);
    m_filling = filling;
}

void MonitorFields::setValues(const monitoring::MonitorValues& values) {
    m_filling = true;
    for (const auto& row : fields()) {
        const auto place = values.find(row.key);
        setValue(row.key, place == values.end() ? QString() : QString::fromStdString(place->second));
    }
    showFieldsOfKind();
    offerReferences();
    m_filling = false;
}

monitoring::MonitorValues MonitorFields::values() const {
    const unsigned kind = bitsOf(value("kind"));
    monitoring::MonitorValues out;
    for (const auto& row : fields())
        out[row.key] = row.kinds == All || (row.kinds & kind) != 0 ? value(row.key).trimmed().toStdString() : "";
    return out;
}

QString MonitorFields::value(const char* key) const {
    const auto line = m_lines.find(key);
    return line != m_lines.end() ? line->second->text() : m_boxes.at(key)->currentText();
}

void MonitorFields::setValue(const char* key, const QString& text) {
    if (const auto line = m_lines.find(key); line != m_lines.end()) return line->second->setText(text);
    QComboBox* const box = m_boxes.at(key);
    if (box->isEditable())
        box->setEditText(text);
    else
        box->setCurrentIndex(std::max(0, box->findText(text)));
}

void MonitorFields::mark(const QString& error) {
    for (const auto& row : fields()) {
        const auto line = m_lines.find(row.key);
        QWidget* edit = line != m_lines.end() ? static_cast<QWidget*>(line->second) : m_boxes.at(row.key);
        QWidget* const label = m_form->labelForField(edit);
        if (!label) continue;
        const bool wrong = error.startsWith(QLatin1String(row.key) + QLatin1Char(':'));
        QPalette p = palette();
        if (wrong) p.setColor(QPalette::WindowText, theme::color(Token::Alarm));
        label->setPalette(p);
    }
}

}  // namespace pilothouse::monitor_view
