// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/ingest/retention_form.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/ingest/form_parts.h"
#include "widgets/theme/format.h"
#include "widgets/theme/size_text.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::ingest_view {

using predictions::Retention;
using predictions::RetentionPolicy;
using theme::Token;

namespace {

constexpr double kGigabyte = 1e9;
constexpr int kRestMs = 200;
constexpr int kMostDays = 36'500;

QString bytes(std::int64_t n) { return theme::bytes(static_cast<double>(n)); }

}  // namespace

RetentionForm::RetentionForm(items::Session& session, QWidget* parent)
    : QDialog(parent), m_session(session), m_plan(session.sharedWorkspace()) {
    setObjectName(QStringLiteral("retentionForm"));
    setWindowTitle(QStringLiteral("How long rows stay"));
    makeWidgets();
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRestMs);
    connect(&m_rest, &QTimer::timeout, this, [this] { m_plan.count(policy()); });
    for (QCheckBox* box : {m_byAge, m_bySize})
        connect(box, &QCheckBox::toggled, this, &RetentionForm::edited);
    connect(m_days, &QSpinBox::valueChanged, this, &RetentionForm::edited);
    connect(m_gigabytes, &QDoubleSpinBox::valueChanged, this, &RetentionForm::edited);
    connect(m_save, &QPushButton::clicked, this, [this] { save(false); });
    connect(m_apply, &QPushButton::clicked, this, [this] {
        if (!m_removes || m_confirming) return save(true);
        m_confirming = true;  // the second press removes
        showState();
    });
    connect(m_close, &QPushButton::clicked, this, &QDialog::close);
    connect(&m_plan, &items::RetentionPlan::policyRead, this, [this](const RetentionPolicy& policy) {
        m_stored = policy;
        m_known = true;
        fill(policy);
        m_plan.count(policy);
        showState();
    });
    connect(&m_plan, &items::RetentionPlan::counted, this, &RetentionForm::showCount);
    connect(&m_plan, &items::RetentionPlan::failed, this, [this](const QString& message) { say(message, true); });
    connect(&m_plan, &items::RetentionPlan::notSaved, this, [this](const QString& message) {
        say(message, true);
        m_plan.load();
    });
    connect(&m_plan, &items::RetentionPlan::done, this, [this](const Retention& removed, bool applied) {
        say(applied ? QStringLiteral("%1 rows removed; the log: %2 → %3")
                          .arg(theme::count(removed.rows), bytes(removed.bytesBefore), bytes(removed.bytesAfter))
                    : QStringLiteral("Saved; the engine keeps to it once a day"),
            false);
        m_plan.load();
    });
    m_plan.load();
    showState();
}

void RetentionForm::makeWidgets() {
    const auto box = [this](const char* name, const QString& words) {
        auto* b = new QCheckBox(words, this);
        b->setObjectName(QString::fromLatin1(name));
        return b;
    };
    const auto label = [this](const char* name) {
        auto* l = formLabel(this, name);
        l->setMinimumHeight(2 * l->fontMetrics().lineSpacing());
        l->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        return l;
    };
    m_byAge = box("retentionByAge", QStringLiteral("Remove rows older than"));
    m_days = new QSpinBox(this);
    m_days->setObjectName(QStringLiteral("retentionDays"));
    m_days->setAccessibleName(QStringLiteral("Days that rows stay"));
    m_days->setRange(1, kMostDays);
    m_days->setSuffix(QStringLiteral(" days"));
    m_days->setValue(365);
    m_bySize = box("retentionBySize", QStringLiteral("Remove the oldest rows beyond"));
    m_gigabytes = new QDoubleSpinBox(this);
    m_gigabytes->setObjectName(QStringLiteral("retentionGigabytes"));
    m_gigabytes->setAccessibleName(QStringLiteral("Most that the log may take"));
    m_gigabytes->setRange(0.001, 100'000);
    m_gigabytes->setDecimals(3);
    m_gigabytes->setSuffix(QStringLiteral(" GB"));
    m_gigabytes->setValue(10);
    m_would = label("retentionWould");
    m_message = label("retentionMessage");
    m_save = formButton(this, "saveRetention", QStringLiteral("Save"));
    m_save->setDefault(true);
    m_apply = formButton(this, "applyRetention", QStringLiteral("Save and remove now"));
    m_close = formButton(this, "closeRetention", QStringLiteral("Close"));
    auto* grid = new QGridLayout;
    grid->addWidget(m_byAge, 0, 0);
    grid->addWidget(m_days, 0, 1);
    grid->addWidget(m_bySize, 1, 0);
    grid->addWidget(m_gigabytes, 1, 1);
    grid->setColumnStretch(2, 1);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_apply);
    buttons->addWidget(m_save);
    buttons->addWidget(m_close);
    auto* column = new QVBoxLayout(this);
    column->addLayout(grid);
    column->addWidget(m_would);
    column->addWidget(m_message);
    column->addLayout(buttons);
    setMinimumWidth(480);
}

RetentionPolicy RetentionForm::policy() const {
    RetentionPolicy out;
    if (m_byAge->isChecked()) out.days = m_days->value();
    // What is stored may be finer than what is shown.
    const bool same =
        m_stored.bytes && std::abs(static_cast<double>(*m_stored.bytes) / kGigabyte - m_gigabytes->value()) < 0.0005;
    if (m_bySize->isChecked())
        out.bytes = same ? *m_stored.bytes : static_cast<std::int64_t>(m_gigabytes->value() * kGigabyte);
    return out;
}

void RetentionForm::fill(const RetentionPolicy& policy) {
    m_filling = true;
    m_byAge->setChecked(policy.days.has_value());
    if (policy.days) m_days->setValue(static_cast<int>(std::min<std::int64_t>(kMostDays, *policy.days)));
    m_bySize->setChecked(policy.bytes.has_value());
    if (policy.bytes) m_gigabytes->setValue(static_cast<double>(*policy.bytes) / kGigabyte);
    m_filling = false;
}

void RetentionForm::edited() {
    m_confirming = false;
    if (!m_filling) {
        m_removes = true;  // until it is known better
        m_would->setText(QStringLiteral("Counting what this would remove …"));
        m_rest.start();
        say({}, false);
    }
    showState();
}

void RetentionForm::save(bool now) {
    m_confirming = false;
    m_plan.save(policy(), now);
    say(now ? QStringLiteral("Removing …") : QStringLiteral("Saving …"), false);
    showState();
}

void RetentionForm::showCount(const Retention& would) {
    m_removes = would.rows + would.truths + would.quarantined > 0;
    const RetentionPolicy p = policy();
    QString words;
    if (!p.days && !p.bytes)
        words = QStringLiteral("Rows stay. The log takes %1.").arg(bytes(would.bytesBefore));
    else if (!m_removes)
        words = QStringLiteral("Removes nothing now. The log takes %1.").arg(bytes(would.bytesBefore));
    else
        words = QStringLiteral("Would remove %1 rows, %2 outcomes and %3 rows set aside now; the log: %4 → about %5.")
                    .arg(theme::count(would.rows), theme::count(would.truths), theme::count(would.quarantined),
                         bytes(would.bytesBefore), bytes(would.bytesAfter));
    if (would.before && m_removes)
        words += QStringLiteral(" Rows from before %1 go.").arg(theme::time(*would.before, m_session.displayZone()));
    m_would->setText(words);
    showState();
}

void RetentionForm::showState() {
    const bool writable = m_known && !m_session.workspace().readOnly() && !m_plan.saving();
    for (QWidget* w : std::initializer_list<QWidget*>{m_byAge, m_bySize})
        w->setEnabled(writable);
    m_days->setEnabled(writable && m_byAge->isChecked());
    m_gigabytes->setEnabled(writable && m_bySize->isChecked());
    m_save->setEnabled(writable && !(policy() == m_stored));
    m_apply->setEnabled(writable && (m_removes || !(policy() == m_stored)));
    m_apply->setText(m_confirming ? QStringLiteral("Remove: it cannot be undone")
                                  : QStringLiteral("Save and remove now"));
    if (m_session.workspace().readOnly()) say(QStringLiteral("This workspace can only be read"), false);
}

void RetentionForm::say(const QString& words, bool problem) {
    QPalette p = palette();
    p.setColor(QPalette::WindowText, theme::color(problem ? Token::Alarm : Token::TextMuted));
    m_message->setPalette(p);
    m_message->setText(problem ? QStringLiteral("▲ ") + words : words);
}

}  // namespace pilothouse::ingest_view
