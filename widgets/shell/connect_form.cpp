// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/connect_form.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include "models/items/metric_connections.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

using theme::Token;

ConnectForm::ConnectForm(QStringList taken, QWidget* parent) : QDialog(parent), m_taken(std::move(taken)) {
    setObjectName(QStringLiteral("connectForm"));
    setWindowTitle(QStringLiteral("Connect to Prometheus"));
    const auto field = [this](const char* name, const QString& hint) {
        auto* edit = new QLineEdit(this);
        edit->setObjectName(QString::fromLatin1(name));
        edit->setPlaceholderText(hint);
        edit->setMinimumWidth(360);
        return edit;
    };
    m_url = field("connectUrl", QStringLiteral("http://localhost:9090"));
    m_name = field("connectName", QStringLiteral("what dashboards call it"));
    m_token = field("connectToken", QStringLiteral("none"));
    m_token->setToolTip(
        QStringLiteral("The token itself is never stored: this is the name of the environment variable "
                       "that holds it."));
    auto* form = new QFormLayout;
    form->addRow(QStringLiteral("Address"), m_url);
    form->addRow(QStringLiteral("Name"), m_name);
    form->addRow(QStringLiteral("Token's variable"), m_token);
    m_answer = new QLabel(this);
    m_answer->setObjectName(QStringLiteral("connectAnswer"));
    m_answer->setWordWrap(true);
    m_answer->setTextFormat(Qt::PlainText);
    m_answer->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_answer->setMinimumHeight(2 * fontMetrics().lineSpacing());
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_test = buttons->addButton(QStringLiteral("Test"), QDialogButtonBox::ActionRole);
    m_test->setObjectName(QStringLiteral("connectTest"));
    m_test->setAutoDefault(false);  // Return connects
    m_connect = buttons->addButton(QStringLiteral("Connect"), QDialogButtonBox::AcceptRole);
    m_connect->setObjectName(QStringLiteral("connectAccept"));
    m_connect->setDefault(true);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(m_answer);
    layout->addWidget(buttons);
    connect(m_url, &QLineEdit::textChanged, this, [this] {
        suggestName();
        check();
    });
    connect(m_name, &QLineEdit::textEdited, this, [this](const QString& text) { m_named = !text.isEmpty(); });
    connect(m_name, &QLineEdit::textChanged, this, &ConnectForm::check);
    connect(m_test, &QPushButton::clicked, this, &ConnectForm::test);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(connection());
        accept();
    });
    check();
}

workspace::Connection ConnectForm::connection() const {
    workspace::Connection out;
    out.kind = "prometheus";
    out.name = m_name->text().trimmed().toStdString();
    out.url = m_url->text().trimmed().toStdString();
    if (const QString variable = m_token->text().trimmed(); !variable.isEmpty())
        out.options["secret"] = "env:" + variable.toStdString();
    return out;
}

/// The host's name, until a person writes another.
void ConnectForm::suggestName() {
    if (!m_named) m_name->setText(QUrl(m_url->text().trimmed()).host());
}

void ConnectForm::check() {
    m_asking.cancel();
    m_test->setText(QStringLiteral("Test"));
    const workspace::Connection c = connection();
    const auto source = items::makeMetricSource(c);
    QString wrong;
    if (!c.url.empty() && !source)
        wrong = QString::fromStdString(source.error().text());
    else if (m_taken.contains(QString::fromStdString(c.name)))
        wrong = QStringLiteral("there is a connection of this name already");
    say(wrong, true);
    m_test->setEnabled(source.has_value());
    m_connect->setEnabled(source.has_value() && !c.name.empty() && wrong.isEmpty());
}

void ConnectForm::test() {
    if (m_asking.running()) return check();  // the button says Cancel
    auto source = items::makeMetricSource(connection());
    if (!source) return;
    say(QStringLiteral("Asking …"), false);
    m_test->setText(QStringLiteral("Cancel"));
    m_asking.start(
        this, [&](const CancellationToken& token) { return (*source)->check(token); },
        [this, asked = *source](Result<std::string> answer) {  // a source that is gone does not answer
            m_test->setText(QStringLiteral("Test"));
            say(answer ? QStringLiteral("It answers: %1").arg(QString::fromStdString(*answer))
                       : QString::fromStdString(answer.error().text()),
                !answer);
        });
}

void ConnectForm::say(const QString& words, bool wrong) {
    QPalette p = palette();
    p.setColor(QPalette::WindowText, theme::color(wrong ? Token::Alarm : Token::Text));
    m_answer->setPalette(p);
    m_answer->setText(words);
}

}  // namespace pilothouse::shell
