// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/connect_form.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include "models/items/connection_options.h"
#include "models/items/connection_test.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

using theme::Token;
namespace option = workspace::option;

namespace {

enum Scheme { NoCredentials, BearerToken, UserAndPassword };
enum Where { Variable, Keychain };

QLineEdit* field(QWidget* parent, const char* name, const QString& hint) {
    auto* edit = new QLineEdit(parent);
    edit->setObjectName(QString::fromLatin1(name));
    edit->setPlaceholderText(hint);
    edit->setMinimumWidth(360);
    return edit;
}

QComboBox* choice(QWidget* parent, const char* name, const QStringList& items) {
    auto* box = new QComboBox(parent);
    box->setObjectName(QString::fromLatin1(name));
    box->addItems(items);
    return box;
}

/// One line a step, the first failure last.
QString linesOf(const items::ConnectionReport& report) {
    QStringList lines;
    for (const connect::ProbeStage& s : report.stages) {
        const double ms = std::chrono::duration<double, std::milli>(s.took).count();
        const bool skipped = s.outcome == connect::ProbeStage::Outcome::Skipped;
        lines << QStringLiteral("%1 %2: %3%4")
                     .arg(s.outcome == connect::ProbeStage::Outcome::Ok ? u"✓"_qs
                          : skipped                                     ? u"–"_qs
                                                                        : u"✕"_qs,
                          QString::fromStdString(s.name), QString::fromStdString(s.words),
                          skipped || ms < 0.05 ? QString()
                                               : QStringLiteral("  (%1 ms)").arg(ms, 0, 'f', ms < 10 ? 1 : 0));
    }
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

ConnectForm::ConnectForm(QStringList taken, QWidget* parent) : QDialog(parent), m_taken(std::move(taken)) {
    setObjectName(QStringLiteral("connectForm"));
    setWindowTitle(QStringLiteral("Connect to a system"));
    QStringList kinds;
    for (const workspace::ConnectionKind& k : workspace::connectionKinds())
        kinds << QString::fromLatin1(k.title);
    m_kind = choice(this, "connectKind", kinds);
    m_url = field(this, "connectUrl", {});
    m_name = field(this, "connectName", QStringLiteral("what it is called here"));
    m_group = choice(this, "connectGroup", {QString(), QStringLiteral("staging"), QStringLiteral("production")});
    m_group->setEditable(true);
    m_group->lineEdit()->setPlaceholderText(QStringLiteral("none"));
    m_form = new QFormLayout;
    m_form->addRow(QStringLiteral("System"), m_kind);
    m_form->addRow(QStringLiteral("Address"), m_url);
    m_form->addRow(QStringLiteral("Name"), m_name);
    m_form->addRow(QStringLiteral("Group"), m_group);
    addCredentials(*m_form);
    addMore(*m_form);
    m_answer = new QLabel(this);
    m_answer->setObjectName(QStringLiteral("connectAnswer"));
    m_answer->setWordWrap(true);
    m_answer->setTextFormat(Qt::PlainText);
    m_answer->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_answer->setMinimumHeight(6 * fontMetrics().lineSpacing());
    m_answer->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_test = buttons->addButton(QStringLiteral("Test"), QDialogButtonBox::ActionRole);
    m_test->setObjectName(QStringLiteral("connectTest"));
    m_test->setAutoDefault(false);  // Return connects
    m_connect = buttons->addButton(QStringLiteral("Connect"), QDialogButtonBox::AcceptRole);
    m_connect->setObjectName(QStringLiteral("connectAccept"));
    m_connect->setDefault(true);
    // When Test is disabled the focus goes on to Cancel, and Return would then give up.
    buttons->button(QDialogButtonBox::Cancel)->setAutoDefault(false);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(m_form);
    layout->addWidget(m_answer);
    layout->addWidget(buttons);
    connect(m_kind, &QComboBox::currentIndexChanged, this, &ConnectForm::showKind);
    connect(m_url, &QLineEdit::textChanged, this, [this] {
        suggestName();
        check();
    });
    connect(m_name, &QLineEdit::textEdited, this, [this](const QString& text) { m_named = !text.isEmpty(); });
    connect(m_name, &QLineEdit::textChanged, this, &ConnectForm::check);
    connect(m_test, &QPushButton::clicked, this, &ConnectForm::test);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, &ConnectForm::finish);
    showCredentials();
    showKind();
    m_url->setFocus();
}

void ConnectForm::addCredentials(QFormLayout& form) {
    m_scheme = choice(this, "connectScheme",
                      {QStringLiteral("none"), QStringLiteral("bearer token"), QStringLiteral("user and password")});
    m_user = field(this, "connectUser", {});
    m_where =
        choice(this, "connectWhere", {QStringLiteral("in an environment variable"), QStringLiteral("in the keychain")});
    m_token = field(this, "connectToken", {});
    form.addRow(QStringLiteral("Credentials"), m_scheme);
    form.addRow(QStringLiteral("User"), m_user);
    form.addRow(QStringLiteral("Secret"), m_where);
    form.addRow(QStringLiteral("Variable"), m_token);
    connect(m_scheme, &QComboBox::currentIndexChanged, this, &ConnectForm::showCredentials);
    connect(m_where, &QComboBox::currentIndexChanged, this, &ConnectForm::showCredentials);
    for (QLineEdit* edit : {m_user, m_token})
        connect(edit, &QLineEdit::textChanged, this, &ConnectForm::check);
}

void ConnectForm::addMore(QFormLayout& form) {
    auto* more = new QPushButton(QStringLiteral("Certificates and proxy …"), this);
    more->setObjectName(QStringLiteral("connectMore"));
    more->setFlat(true);
    more->setAutoDefault(false);
    form.addRow(QString(), more);
    const auto add = [&](const char* name, std::string_view key, const QString& label, const QString& hint) {
        QLineEdit* edit = field(this, name, hint);
        form.addRow(label, edit);
        form.setRowVisible(edit, false);
        m_more.emplace_back(key, edit);
        connect(edit, &QLineEdit::textChanged, this, &ConnectForm::check);
    };
    add("connectCa", option::kCaFile, QStringLiteral("Authorities"), QStringLiteral("the system's; or a PEM file"));
    add("connectCertificate", option::kCertificateFile, QStringLiteral("Own certificate"),
        QStringLiteral("none; or a PEM file"));
    add("connectKey", option::kKeyFile, QStringLiteral("Its key"), QStringLiteral("in the same file"));
    add("connectProxy", option::kProxy, QStringLiteral("Proxy"),
        QStringLiteral("none; http://host:port, socks5://host:port, system"));
    connect(more, &QPushButton::clicked, this, [this, more] {
        for (const auto& [key, edit] : m_more)
            m_form->setRowVisible(edit, true);
        m_form->setRowVisible(more, false);
        m_more.front().second->setFocus();
    });
}

/// An example of the kind's address stands in the empty field.
void ConnectForm::showKind() {
    const auto& kind = workspace::connectionKinds().at(static_cast<std::size_t>(std::max(0, m_kind->currentIndex())));
    m_url->setPlaceholderText(QString::fromLatin1(kind.example));
    check();
}

void ConnectForm::showCredentials() {
    const bool any = m_scheme->currentIndex() != NoCredentials;
    m_form->setRowVisible(m_user, m_scheme->currentIndex() == UserAndPassword);
    m_form->setRowVisible(m_where, any);
    m_form->setRowVisible(m_token, any);
    const bool keychain = m_where->currentIndex() == Keychain;
    m_token->setEchoMode(keychain ? QLineEdit::Password : QLineEdit::Normal);
    m_token->setPlaceholderText(keychain ? QStringLiteral("kept in the desktop's keychain only")
                                         : QStringLiteral("the name of the variable, not the secret"));
    if (auto* label = qobject_cast<QLabel*>(m_form->labelForField(m_token)))
        label->setText(!keychain                                     ? QStringLiteral("Variable")
                       : m_scheme->currentIndex() == UserAndPassword ? QStringLiteral("Password")
                                                                     : QStringLiteral("Token"));
    check();
}

bool ConnectForm::usesKeychain() const {
    return m_scheme->currentIndex() != NoCredentials && m_where->currentIndex() == Keychain;
}

workspace::Connection ConnectForm::connection() const {
    workspace::Connection out;
    out.kind = workspace::connectionKinds().at(static_cast<std::size_t>(std::max(0, m_kind->currentIndex()))).kind;
    out.name = m_name->text().trimmed().toStdString();
    out.url = m_url->text().trimmed().toStdString();
    const auto set = [&out](std::string_view key, const QString& value) {
        if (!value.trimmed().isEmpty()) out.options.emplace(key, value.trimmed().toStdString());
    };
    set(option::kGroup, m_group->currentText());
    for (const auto& [key, edit] : m_more)
        set(key, edit->text());
    if (m_scheme->currentIndex() == NoCredentials) return out;
    if (m_scheme->currentIndex() == UserAndPassword) set(option::kUser, m_user->text());
    if (usesKeychain())
        out.options.emplace(option::kSecret, "keychain:" + out.name);
    else if (!m_token->text().trimmed().isEmpty())
        out.options.emplace(option::kSecret, "env:" + m_token->text().trimmed().toStdString());
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
    const auto* kind = workspace::connectionKind(c.kind);
    QString wrong;
    if (const auto url = connect::baseUrl(c.url, kind ? kind->example : ""); !url && !c.url.empty())
        wrong = QString::fromStdString(url.error().text());
    else if (const Status options = connect::checkOptions(items::httpOptions(c)); !options)
        wrong = QString::fromStdString(options.error().text());
    else if (m_taken.contains(QString::fromStdString(c.name)))
        wrong = QStringLiteral("there is a connection of this name already");
    const bool credentials = m_scheme->currentIndex() == NoCredentials ||
                             (!m_token->text().trimmed().isEmpty() &&
                              (m_scheme->currentIndex() != UserAndPassword || !m_user->text().trimmed().isEmpty()));
    say(wrong, true);
    const bool sound = wrong.isEmpty() && !c.url.empty() && credentials;
    // What is in the keychain can be tried once it is there.
    m_test->setEnabled(sound && !usesKeychain());
    m_test->setToolTip(usesKeychain()
                           ? QStringLiteral("The secret is kept when the connection is made; it can be tested then.")
                           : QString());
    m_connect->setEnabled(sound && !c.name.empty());
}

void ConnectForm::test() {
    if (m_asking.running()) return check();  // the button says Cancel
    say(QStringLiteral("Asking …"), false);
    m_test->setText(QStringLiteral("Cancel"));
    m_asking.start(
        this, [&](const CancellationToken& token) { return items::testConnection(connection(), token); },
        [this](Result<items::ConnectionReport> report) {
            m_test->setText(QStringLiteral("Test"));
            say(report ? linesOf(*report) : QString::fromStdString(report.error().text()), !report || !report->ok());
        });
}

void ConnectForm::finish() {
    const auto done = [this] {
        Q_EMIT chosen(connection());
        accept();
    };
    if (!usesKeychain()) return done();
    say(QStringLiteral("Keeping the secret …"), false);
    m_connect->setEnabled(false);
    m_keeping.start(
        this,
        [&](const CancellationToken&) {
            return connect::writeSecret(connection().option(option::kSecret), m_token->text().toUtf8());
        },
        [this, done](Result<void> kept) {
            if (kept) return done();
            m_connect->setEnabled(true);
            say(QString::fromStdString(kept.error().text()), true);
        });
}

void ConnectForm::say(const QString& words, bool wrong) {
    QPalette p = palette();
    p.setColor(QPalette::WindowText, theme::color(wrong ? Token::Alarm : Token::Text));
    m_answer->setPalette(p);
    m_answer->setText(words);
}

}  // namespace pilothouse::shell
