// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/alertmanager/alertmanager_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <algorithm>

namespace pilothouse::connect::alertmanager {

namespace {

constexpr qint64 kLongestWait = 3600;
constexpr qsizetype kReason = 300;

QJsonObject object(const std::map<std::string, std::string>& map) {
    QJsonObject out;
    for (const auto& [key, value] : map)
        out.insert(QString::fromStdString(key), QString::fromStdString(value));
    return out;
}

std::string oneLine(QString text) {
    text.truncate(kReason);
    return text.simplified().toStdString();
}

/// {"code": 602, "message": "…"}, {"message": …}, a bare JSON text, or plain text.
std::string reasonOf(const QByteArray& body) {
    const auto document = QJsonDocument::fromJson(body.left(1 << 16));
    const QString message = document.object().value(QLatin1String("message")).toString();
    QString text = message.isEmpty() ? QString::fromUtf8(body.left(4 * kReason)).trimmed() : message;
    if (text.size() > 1 && text.startsWith(QLatin1Char('"')) && text.endsWith(QLatin1Char('"')))
        text = text.mid(1, text.size() - 2);
    return oneLine(std::move(text));
}

}  // namespace

QByteArray postableAlerts(const std::vector<ports::OutgoingAlert>& alerts) {
    QJsonArray array;
    for (const ports::OutgoingAlert& a : alerts)
        array.append(QJsonObject{{QStringLiteral("labels"), object(a.labels)},
                                 {QStringLiteral("annotations"), object(a.annotations)},
                                 {QStringLiteral("startsAt"), QString::fromStdString(a.start.toIso())},
                                 {QStringLiteral("endsAt"), QString::fromStdString(a.end.toIso())},
                                 {QStringLiteral("generatorURL"), QString::fromStdString(a.generator)}});
    return QJsonDocument(array).toJson(QJsonDocument::Compact);
}

ports::ReceiverAnswer readAnswer(const HttpAnswer& answer, const QDateTime& now) {
    ports::ReceiverAnswer out;
    if (answer.status >= 200 && answer.status < 300) {
        out.accepted = true;
        return out;
    }
    const std::string reason = reasonOf(answer.body);
    out.reason = "HTTP status " + std::to_string(answer.status) + (reason.empty() ? "" : ": " + reason);
    out.refused = answer.status == 400 || answer.status == 422;
    if (answer.status == 429 || answer.status == 503) out.retryAfter = parseRetryAfter(answer.retryAfter, now);
    return out;
}

Result<std::string> parseStatus(const QByteArray& json, const std::string& source) {
    const auto version = QJsonDocument::fromJson(json)
                             .object()
                             .value(QLatin1String("versionInfo"))
                             .toObject()
                             .value(QLatin1String("version"))
                             .toString();
    if (version.isEmpty())
        return fail(ErrorKind::InvalidInput, "this is not the answer of an Alertmanager", source,
                    oneLine(QString::fromUtf8(json.left(4 * kReason))));
    return oneLine(version);
}

std::optional<Duration> parseRetryAfter(const QByteArray& value, const QDateTime& now) {
    const QByteArray text = value.trimmed();
    bool sound = false;
    qint64 seconds = text.toLongLong(&sound);
    if (!sound) {
        // https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7, the form that may be generated
        QDateTime at =
            QLocale::c().toDateTime(QString::fromLatin1(text), QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"));
        if (!at.isValid()) return {};
        at.setTimeSpec(Qt::UTC);
        seconds = now.secsTo(at);
    } else if (seconds < 0) {
        return {};
    }
    return std::chrono::seconds(std::clamp<qint64>(seconds, 0, kLongestWait));
}

}  // namespace pilothouse::connect::alertmanager
