// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/monitor/monitor_form.h"

#include <QComboBox>
#include <QFontDatabase>
#include <QGridLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <cmath>

#include "models/monitoring/monitor_text.h"
#include "models/monitoring/yaml_edit.h"
#include "widgets/monitor/backtest_chart.h"
#include "widgets/monitor/monitor_fields.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::monitor_view {

using monitoring::MonitorDefinition;
using theme::Token;

namespace {

const QString kNew = QStringLiteral("New monitor");
constexpr const char* kFile = "monitor";

QPushButton* button(QWidget* parent, const char* name, const QString& words) {
    auto* out = new QPushButton(words, parent);
    out->setObjectName(QString::fromLatin1(name));
    out->setAutoDefault(false);
    return out;
}

QLabel* label(QWidget* parent, const char* name) {
    auto* out = new QLabel(parent);
    out->setObjectName(QString::fromLatin1(name));
    out->setTextFormat(Qt::PlainText);
    out->setWordWrap(true);
    return out;
}

/// "0.3", "< 0.0001": a rate as a person reads it.
QString rateText(double rate) {
    if (std::isnan(rate)) return QStringLiteral("not known");
    if (rate < 1e-4) return QStringLiteral("0.0001");
    return QString::number(rate, 'g', 2);
}

}  // namespace

MonitorForm::MonitorForm(items::Session& session, QWidget* parent)
    : QDialog(parent), m_session(session), m_editor(session.sharedWorkspace()) {
    setObjectName(QStringLiteral("monitorForm"));
    setWindowTitle(QStringLiteral("Monitors"));
    makeWidgets();
    connectEditor();
    connect(m_which, &QComboBox::activated, this, [this] { choose(m_which->currentText()); });
    connect(m_fields, &MonitorFields::edited, this, [this] {
        m_removed.reset();
        say({});
        edited();
    });
    connect(m_reference, &QPushButton::clicked, this, &MonitorForm::referenceWanted);
    connect(m_test, &QPushButton::clicked, this, &MonitorForm::runBacktest);
    connect(m_chart, &BacktestChart::factorChanged, this, &MonitorForm::showOutcome);
    connect(m_takeThreshold, &QPushButton::clicked, this, &MonitorForm::takeThreshold);
    connect(m_save, &QPushButton::clicked, this, &MonitorForm::save);
    connect(m_remove, &QPushButton::clicked, this, &MonitorForm::remove);
    connect(m_close, &QPushButton::clicked, this, &QDialog::close);
    connect(&m_session, &items::Session::changed, this, [this] {
        if (m_editor.settled()) m_editor.load();
    });
    m_chart->setZone(m_session.displayZone());
    m_chart->setBacktest(nullptr, QStringLiteral("What the monitor would have done is shown here before it is saved"));
    m_editor.load();
    showState();
}

void MonitorForm::makeWidgets() {
    m_which = new QComboBox(this);
    m_which->setObjectName(QStringLiteral("monitorChoice"));
    m_which->setAccessibleName(QStringLiteral("Monitor"));
    m_which->addItem(kNew);
    m_fields = new MonitorFields(this);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setMinimumWidth(380);
    scroll->setWidget(m_fields);
    m_lines = new QPlainTextEdit(this);
    m_lines->setObjectName(QStringLiteral("monitorLines"));
    m_lines->setAccessibleName(QStringLiteral("The lines that change"));
    m_lines->setReadOnly(true);
    m_lines->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_lines->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_lines->setTabChangesFocus(true);
    m_chart = new BacktestChart(this);
    m_outcome = label(this, "backtestOutcome");
    m_outcome->setMinimumHeight(3 * m_outcome->fontMetrics().lineSpacing());
    m_outcome->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_message = label(this, "monitorMessage");
    m_progress = new QProgressBar(this);
    m_progress->setObjectName(QStringLiteral("backtestProgress"));
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(6);
    m_reference = button(this, "makeReference", QStringLiteral("Make a reference …"));
    m_test = button(this, "runBacktest", QStringLiteral("Backtest"));
    m_takeThreshold = button(this, "takeThreshold", QStringLiteral("Take this threshold"));
    m_save = button(this, "saveMonitor", QStringLiteral("Save"));
    m_save->setDefault(true);
    m_remove = button(this, "removeMonitor", QStringLiteral("Remove"));
    m_close = button(this, "closeMonitor", QStringLiteral("Close"));

    auto* left = new QVBoxLayout;
    left->addWidget(m_which);
    left->addWidget(scroll, 1);
    auto* tests = new QHBoxLayout;
    tests->addWidget(m_test);
    tests->addWidget(m_takeThreshold);
    tests->addStretch(1);
    auto* right = new QVBoxLayout;
    right->addWidget(m_chart, 3);
    right->addWidget(m_progress);
    right->addWidget(m_outcome);
    right->addLayout(tests);
    right->addWidget(m_lines, 2);
    auto* columns = new QHBoxLayout;
    columns->addLayout(left, 2);
    columns->addLayout(right, 3);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_reference);
    buttons->addWidget(m_remove);
    buttons->addStretch(1);
    buttons->addWidget(m_save);
    buttons->addWidget(m_close);
    auto* all = new QVBoxLayout(this);
    all->addLayout(columns, 1);
    all->addWidget(m_message);
    all->addLayout(buttons);
    resize(940, 640);
}

void MonitorForm::connectEditor() {
    using items::MonitorEditor;
    connect(&m_editor, &MonitorEditor::loaded, this, &MonitorForm::take);
    connect(&m_editor, &MonitorEditor::failed, this, [this](const QString& message) {
        say(message, true);
        showState();
    });
    connect(&m_editor, &MonitorEditor::backtestProgress, this, [this](int done, int of) {
        m_progress->setRange(0, std::max(1, of));
        m_progress->setValue(done);
    });
    connect(&m_editor, &MonitorEditor::backtested, this,
            [this](const std::shared_ptr<const monitoring::Backtest>& backtest) {
                m_chart->setBacktest(backtest, QStringLiteral("No window of this monitor has ended yet"));
                showOutcome();
                showState();
            });
    connect(&m_editor, &MonitorEditor::saved, this, [this](const QString& name) {
        m_removed.reset();
        m_wanted = name;
        say(m_choices.demo
                ? QStringLiteral("Saved %1; the demo's own monitors are those that its replay runs").arg(name)
                : QStringLiteral("Saved %1; judging what is due …").arg(name));
        m_editor.load();
        showState();
    });
    connect(&m_editor, &MonitorEditor::judged, this, [this](int evaluations, const QString& problem) {
        if (!problem.isEmpty())
            say(problem, true);
        else if (!m_choices.demo)
            say(QStringLiteral("Saved; %1 windows judged").arg(theme::count(static_cast<quint64>(evaluations))));
        m_editor.load();
        showState();
    });
    connect(&m_editor, &MonitorEditor::removed, this, [this](const QString& name) {
        say(QStringLiteral("Removed %1; what it found stays").arg(name));
        m_wanted = kNew;
        m_editor.load();
        showState();
    });
}

void MonitorForm::take(const items::MonitorEditor::Choices& choices) {
    const bool first = !m_loaded;
    m_loaded = true;
    m_choices = choices;
    const QString chosen = m_wanted.isEmpty() ? m_which->currentText() : m_wanted;
    m_which->clear();
    m_which->addItem(kNew);
    for (const MonitorDefinition& monitor : choices.monitors)
        m_which->addItem(QString::fromStdString(monitor.name));
    m_which->setCurrentIndex(std::max(0, m_which->findText(chosen)));
    m_fields->offer(choices);
    if (first || !m_wanted.isEmpty()) choose(m_which->currentText());
    m_wanted.clear();
    showState();
}

const MonitorDefinition* MonitorForm::stored(const QString& name) const {
    for (const MonitorDefinition& monitor : m_choices.monitors)
        if (QString::fromStdString(monitor.name) == name) return &monitor;
    return nullptr;
}

void MonitorForm::edit(const QString& name) {
    m_wanted = name.isEmpty() ? kNew : name;
    m_wantedColumns.clear();
    if (m_loaded) take(items::MonitorEditor::Choices(m_choices));
}

void MonitorForm::watch(const QString& model, const QString& columns) {
    edit({});
    m_wantedColumns = columns;
    m_fields->setValue("model", model);
    if (m_loaded) suggest();
}

void MonitorForm::choose(const QString& name) {
    const MonitorDefinition* const monitor = stored(name);
    m_which->setCurrentIndex(std::max(0, m_which->findText(name)));
    m_before = m_base = monitor ? monitor->source : std::string();
    m_editor.cancelBacktest();
    m_tested.clear();
    m_chart->setBacktest(nullptr, QStringLiteral("What the monitor would have done is shown here before it is saved"));
    if (monitor) {
        const auto values = monitoring::valuesOf(m_before, kFile);
        m_fields->setValues(values ? *values : monitoring::MonitorValues());
        edited();
    } else {
        suggest();
    }
}

/// What most monitors begin as, so that the first backtest is one press away.
void MonitorForm::suggest() {
    std::string model = m_session.lens().state().model;
    if (model.empty() && m_choices.models.size() == 1) model = m_choices.models.front();
    if (model.empty() && !m_choices.models.empty()) model = m_choices.models.front();
    const bool profile = std::ranges::any_of(m_choices.profiles, [&](const auto& p) { return p.model == model; });
    // Windows that there are a dozen of, at least.
    const auto days = m_choices.log ? std::chrono::duration_cast<std::chrono::hours>(m_choices.log->duration()) / 24
                                    : std::chrono::hours(0);
    std::string name = model.empty() ? "drift" : model + "-drift";
    for (int n = 2; stored(QString::fromStdString(name)); ++n)
        name = (model.empty() ? "drift-" : model + "-drift-") + std::to_string(n);
    m_fields->setValues({{"name", name},
                         {"model", model},
                         {"kind", "drift"},
                         {"columns", m_wantedColumns.toStdString()},
                         {"reference", profile ? "newest" : "previous"},
                         {"window", days.count() >= 84  ? "week"
                                    : days.count() >= 3 ? "day"
                                                        : "1h"},
                         {"severity", "warning"}});
    edited();
}

void MonitorForm::edited() {
    m_wrong.clear();
    m_monitor.reset();
    auto values = m_fields->values();
    for (const auto& [key, value] : values)
        if ((key == "name" || key == "model") && value.empty()) m_wrong = key + ": must be given";
    if (m_wrong.empty() && stored(m_fields->value("name")) &&
        (m_before.empty() || m_fields->value("name") != m_which->currentText()))
        m_wrong = "name: another monitor is called so";
    auto text = m_wrong.empty() ? monitoring::withValues(m_base, kFile, values) : Result<std::string>(m_base);
    if (!text) {
        m_wrong = text.error().message;
    } else if (m_wrong.empty()) {
        m_text = *text;
        auto monitors = monitoring::parseMonitors(m_text, kFile);
        if (monitors)
            m_monitor = monitors->front();
        else
            m_wrong = monitors.error().message;
    }
    m_fields->mark(QString::fromStdString(m_wrong));
    const std::string lines =
        m_before.empty() ? m_text : monitoring::unifiedDiff(m_before, m_text, m_which->currentText().toStdString());
    m_lines->setPlainText(QString::fromStdString(lines));
    m_lines->setPlaceholderText(QStringLiteral("Nothing is changed"));
    if (!m_wrong.empty()) say(QString::fromStdString(m_wrong), true);
    showState();
}

void MonitorForm::runBacktest() {
    if (m_editor.backtesting()) {
        m_editor.cancelBacktest();
        m_chart->setBacktest(nullptr, QStringLiteral("The backtest was ended"));
        m_tested.clear();
        return showState();
    }
    if (!m_monitor) return;
    m_tested = m_text;
    m_progress->setRange(0, 0);
    m_chart->setBacktest(nullptr, QStringLiteral("Judging the history …"));
    m_editor.backtest(*m_monitor);
    showState();
}

void MonitorForm::showOutcome() {
    const monitoring::Backtest* const test = m_chart->backtest();
    if (!test || test->windows.empty()) return m_outcome->clear();
    const monitoring::BacktestOutcome& o = m_chart->outcome();
    QString words =
        QStringLiteral(
            "%1 over %2 windows; by chance alone at most %3 a week. %4 windows drift, %5 have too little "
            "data, %6 cannot be judged.")
            .arg(o.alarms.size() == 1 ? QStringLiteral("1 alarm") : QStringLiteral("%1 alarms").arg(o.alarms.size()))
            .arg(test->windows.size())
            .arg(rateText(o.falseAlarmsPerWeek))
            .arg(o.drifting)
            .arg(o.insufficient)
            .arg(o.unavailable);
    if (std::abs(m_chart->factor() - 1) > 1e-9)
        words += QStringLiteral(" At %1 times the minimum effect that is declared.").arg(m_chart->factor(), 0, 'f', 2);
    if (test->withinReference > 0)
        words += QStringLiteral(" %1 windows hold rows that the reference was made of.").arg(test->withinReference);
    if (test->cut) words += QStringLiteral(" Only the newest windows were judged.");
    if (o.unavailable == test->windows.size() && !test->windows.back().summary.empty())
        words += QStringLiteral("\n") + QString::fromStdString(test->windows.back().summary);
    m_outcome->setText(words);
    showState();
}

void MonitorForm::takeThreshold() {
    if (!m_monitor) return;
    const auto text = monitoring::withFactor(m_text, kFile, m_chart->factor());
    if (!text) return say(QString::fromStdString(text.error().message), true);
    const auto values = monitoring::valuesOf(*text, kFile);
    if (!values) return say(QString::fromStdString(values.error().message), true);
    m_base = *text;  // with what no field shows: effects of single columns
    m_fields->setValues(*values);
    edited();
    runBacktest();
}

void MonitorForm::save() {
    if (m_removed) {
        m_editor.save(*m_removed, {});
        return showState();
    }
    if (!m_monitor) return;
    m_editor.save(*m_monitor, m_before.empty() ? std::string() : m_which->currentText().toStdString());
    say(QStringLiteral("Saving …"));
    showState();
}

void MonitorForm::remove() {
    if (const MonitorDefinition* monitor = stored(m_which->currentText())) {
        m_removed = *monitor;
        m_editor.remove(monitor->name);
    }
    showState();
}

void MonitorForm::showState() {
    const bool writable = m_loaded && !m_session.workspace().readOnly();
    const bool settled = m_editor.settled() || m_editor.backtesting();
    m_fields->setEnabled(m_loaded);
    m_test->setEnabled(m_editor.backtesting() || (m_monitor && !monitoring::countsRows(*m_monitor)));
    m_test->setText(m_editor.backtesting() ? QStringLiteral("End the backtest") : QStringLiteral("Backtest"));
    m_progress->setVisible(m_editor.backtesting());
    m_takeThreshold->setEnabled(m_chart->backtest() && m_tested == m_text && std::abs(m_chart->factor() - 1) > 1e-9);
    m_remove->setEnabled(writable && settled && stored(m_which->currentText()));
    const bool changed = m_monitor && m_text != m_before;
    m_save->setText(m_removed ? QStringLiteral("Bring %1 back").arg(QString::fromStdString(m_removed->name))
                              : QStringLiteral("Save"));
    m_save->setEnabled(writable && settled && (changed || m_removed));
    m_reference->setEnabled(writable);
    if (m_session.workspace().readOnly()) say(QStringLiteral("This workspace can only be read"));
}

void MonitorForm::say(const QString& words, bool problem) {
    QPalette p = palette();
    p.setColor(QPalette::WindowText, theme::color(problem ? Token::Alarm : Token::TextMuted));
    m_message->setPalette(p);
    m_message->setText(problem && !words.isEmpty() ? QStringLiteral("▲ ") + words : words);
}

}  // namespace pilothouse::monitor_view
