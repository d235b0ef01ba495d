// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/monitor/profile_form.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "models/predictions/query_parser.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::monitor_view {

using theme::Token;

namespace {

QPushButton* button(QWidget* parent, const char* name, const QString& words) {
    auto* out = new QPushButton(words, parent);
    out->setObjectName(QString::fromLatin1(name));
    out->setAutoDefault(false);
    return out;
}

/// Lines of what is known of a model that fit.
constexpr std::size_t kShownProfiles = 4;

enum Time { FirstQuarter, LensTime, AllTime };

}  // namespace

ProfileForm::ProfileForm(items::Session& session, QWidget* parent)
    : QDialog(parent), m_session(session), m_editor(session.sharedWorkspace()) {
    setObjectName(QStringLiteral("profileForm"));
    setWindowTitle(QStringLiteral("Make a reference"));
    makeWidgets();
    using items::MonitorEditor;
    connect(&m_editor, &MonitorEditor::loaded, this, &ProfileForm::take);
    connect(&m_editor, &MonitorEditor::failed, this, [this](const QString& message) {
        say(message, true);
        showState();
    });
    connect(&m_editor, &MonitorEditor::profileMade, this, [this](const monitoring::StoredProfile& profile) {
        say(QStringLiteral("Kept: %1 rows, %2 columns, from %3 to %4")
                .arg(theme::count(profile.rows))
                .arg(profile.columns)
                .arg(theme::time(profile.range.start, m_session.displayZone()),
                     theme::time(profile.range.end, m_session.displayZone())));
        m_editor.load();
        showState();
        Q_EMIT made();
    });
    connect(m_model, &QComboBox::currentTextChanged, this, &ProfileForm::showVersions);
    for (QLineEdit* line : {m_version, m_query})
        connect(line, &QLineEdit::textChanged, this, &ProfileForm::showState);
    connect(m_make, &QPushButton::clicked, this, &ProfileForm::make);
    connect(m_monitor, &QPushButton::clicked, this, &ProfileForm::monitorWanted);
    connect(m_close, &QPushButton::clicked, this, &QDialog::close);
    const auto& lens = m_session.lens().state();
    m_model->setEditText(QString::fromStdString(lens.model));
    m_version->setText(QString::fromStdString(lens.version));
    QStringList clauses;
    for (const std::string& clause : lens.filters)
        clauses << QString::fromStdString(clause);
    m_query->setText(clauses.join(u' '));
    m_editor.load();
    showState();
}

void ProfileForm::makeWidgets() {
    const auto named = [](auto* widget, const char* name, const QString& title) {
        widget->setObjectName(QString::fromLatin1(name));
        widget->setAccessibleName(title);
        return widget;
    };
    m_model = named(new QComboBox(this), "profileModel", QStringLiteral("Model"));
    m_model->setEditable(true);
    m_version = named(new QLineEdit(this), "profileVersion", QStringLiteral("Version"));
    m_version->setPlaceholderText(QStringLiteral("of all versions"));
    m_query = named(new QLineEdit(this), "profileQuery", QStringLiteral("Only rows"));
    m_query->setPlaceholderText(QStringLiteral("all; for example carrier:UA"));
    m_time = named(new QComboBox(this), "profileTime", QStringLiteral("Time"));
    m_time->addItems({QStringLiteral("The first quarter of the log"), QStringLiteral("The lens's time"),
                      QStringLiteral("All of the log")});
    m_known = new QLabel(this);
    m_known->setObjectName(QStringLiteral("profilesKnown"));
    m_message = new QLabel(this);
    m_message->setObjectName(QStringLiteral("profileMessage"));
    for (QLabel* label : {m_known, m_message}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    }
    m_known->setMinimumHeight(static_cast<int>(kShownProfiles + 1) * m_known->fontMetrics().lineSpacing());
    m_make = button(this, "makeProfile", QStringLiteral("Make the profile"));
    m_make->setDefault(true);
    m_monitor = button(this, "profileMonitor", QStringLiteral("Monitor against it …"));
    m_close = button(this, "closeProfile", QStringLiteral("Close"));
    auto* form = new QFormLayout;
    form->addRow(QStringLiteral("Model"), m_model);
    form->addRow(QStringLiteral("Version"), m_version);
    form->addRow(QStringLiteral("Time"), m_time);
    form->addRow(QStringLiteral("Only rows"), m_query);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    for (QPushButton* b : {m_make, m_monitor, m_close})
        buttons->addWidget(b);
    auto* column = new QVBoxLayout(this);
    column->addLayout(form);
    column->addWidget(m_known);
    column->addWidget(m_message);
    column->addLayout(buttons);
    setMinimumWidth(520);
}

void ProfileForm::take(const items::MonitorEditor::Choices& choices) {
    m_choices = choices;
    const QString was = m_model->currentText();
    m_model->clear();
    for (const std::string& model : choices.models)
        m_model->addItem(QString::fromStdString(model));
    if (!was.isEmpty()) m_model->setCurrentText(was);
    const auto words = [&](const QString& title, const TimeRange& range) {
        return QStringLiteral("%1: %2 – %3")
            .arg(title, theme::time(range.start, m_session.displayZone()),
                 theme::time(range.end, m_session.displayZone()));
    };
    if (choices.log) {
        for (const int time : {FirstQuarter, LensTime, AllTime}) {
            const int chosen = m_time->currentIndex();
            m_time->setCurrentIndex(time);
            const TimeRange at = range();
            m_time->setItemText(time, words(time == FirstQuarter ? QStringLiteral("The first quarter of the log")
                                            : time == LensTime   ? QStringLiteral("The lens's time")
                                                                 : QStringLiteral("All of the log"),
                                            at));
            m_time->setCurrentIndex(chosen);
        }
    }
    showVersions();
}

TimeRange ProfileForm::range() const {
    const TimeRange log = m_choices.log.value_or(TimeRange::all());
    switch (m_time->currentIndex()) {
        case FirstQuarter:
            return m_choices.log ? TimeRange{log.start, log.start + log.duration() / 4} : log;
        case LensTime:
            return m_session.lens().range();
        default:
            return log;
    }
}

/// The model's profiles so far.
void ProfileForm::showVersions() {
    const std::string model = m_model->currentText().toStdString();
    QStringList lines;
    std::size_t more = 0;
    for (const monitoring::StoredProfile& p : m_choices.profiles) {
        if (p.model != model) continue;
        if (lines.size() >= static_cast<qsizetype>(kShownProfiles)) {
            ++more;
            continue;
        }
        lines << QStringLiteral("%1 %2: %3 rows, %4, %5")
                     .arg(QString::fromStdString(p.model), QString::fromStdString(p.version), theme::count(p.rows),
                          theme::range(p.range, m_session.displayZone()), QString::fromStdString(p.source));
    }
    if (more > 0) lines << QStringLiteral("and %1 older ones").arg(more);
    m_known->setText(lines.isEmpty() ? QStringLiteral("The model has no reference yet") : lines.join(u'\n'));
    showState();
}

void ProfileForm::make() {
    if (m_editor.profiling()) {
        m_editor.cancelProfile();
        say(QStringLiteral("Ended; nothing was kept"));
        return showState();
    }
    m_editor.makeProfile(m_model->currentText().trimmed().toStdString(), m_version->text().trimmed().toStdString(),
                         m_query->text().trimmed().toStdString(), range());
    say(QStringLiteral("Reading the rows …"));
    showState();
}

void ProfileForm::showState() {
    const bool writable = !m_session.workspace().readOnly();
    const auto query = predictions::parseQuery(m_query->text().trimmed().toStdString());
    if (!query) say(QString::fromStdString(query.error().text()), true);
    m_make->setText(m_editor.profiling() ? QStringLiteral("End") : QStringLiteral("Make the profile"));
    m_make->setEnabled(writable && query && m_choices.log && !m_model->currentText().trimmed().isEmpty());
    const std::string model = m_model->currentText().toStdString();
    m_monitor->setEnabled(
        std::ranges::any_of(m_choices.profiles, [&](const auto& profile) { return profile.model == model; }));
    if (!writable) say(QStringLiteral("This workspace can only be read"));
    if (writable && !m_choices.log && m_editor.settled())
        say(QStringLiteral("There are no predictions yet: import some first"));
}

void ProfileForm::say(const QString& words, bool problem) {
    QPalette p = palette();
    p.setColor(QPalette::WindowText, theme::color(problem ? Token::Alarm : Token::TextMuted));
    m_message->setPalette(p);
    m_message->setText(problem && !words.isEmpty() ? QStringLiteral("▲ ") + words : words);
}

}  // namespace pilothouse::monitor_view
