// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/alertmanager/alertmanager_answers.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

#include "models/connect/alertmanager/alertmanager_json.h"

namespace pilothouse::connect::alertmanager {

namespace {

constexpr qsizetype kMaxText = 64 << 10, kMaxId = 200;

tl::unexpected<Error> unsound(const std::string& what, const std::string& source) {
    return fail(ErrorKind::InvalidInput, "not an answer of an Alertmanager: " + what, source);
}

std::string text(const QJsonValue& value) { return value.toString().left(kMaxText).toStdString(); }

Result<QJsonArray> listOf(const QByteArray& json, const char* what, qsizetype most, const std::string& source) {
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (error.error != QJsonParseError::NoError) return unsound(error.errorString().toStdString(), source);
    if (!document.isArray()) return unsound(std::string(what) + " are not a list", source);
    if (document.array().size() > most)
        return fail(ErrorKind::ResourceExhausted, "more than " + std::to_string(most) + " " + what + " at once",
                    source);
    return document.array();
}

Result<std::map<std::string, std::string>> labelsOf(const QJsonValue& value, const char* what,
                                                    const std::string& source) {
    if (!value.isObject()) return unsound(std::string("an alert's ") + what + " are missing", source);
    const QJsonObject object = value.toObject();
    if (object.size() > kMaxLabels) return unsound(std::string("an alert has too many ") + what, source);
    std::map<std::string, std::string> out;
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (!it.value().isString()) return unsound(std::string("an alert's ") + what + " are not texts", source);
        out.emplace(it.key().left(kMaxText).toStdString(), text(it.value()));
    }
    return out;
}

std::vector<std::string> textsOf(const QJsonValue& value) {
    std::vector<std::string> out;
    for (const QJsonValue& v : value.toArray()) {
        if (out.size() >= std::size_t{kMaxLabels}) break;
        if (v.isString()) out.push_back(v.toString().left(kMaxId).toStdString());
    }
    return out;
}

std::vector<std::string> namesOf(const QJsonValue& receivers) {
    std::vector<std::string> out;
    for (const QJsonValue& v : receivers.toArray()) {
        if (out.size() >= std::size_t{kMaxLabels}) break;
        out.push_back(v.toObject()[QLatin1String("name")].toString().left(kMaxId).toStdString());
    }
    return out;
}

Result<Timestamp> timeOf(const QJsonObject& object, const char* key, const std::string& source) {
    const auto at = Timestamp::parseIso(object[QLatin1String(key)].toString().left(100).toStdString());
    if (!at) return unsound(std::string(key) + " is no time", source);
    return *at;
}

std::string labelOf(const std::map<std::string, std::string>& labels, const char* key) {
    const auto found = labels.find(key);
    return found == labels.end() ? std::string() : found->second;
}

Result<ports::Alert> alertOf(const QJsonObject& object, const std::string& source) {
    ports::Alert out;
    PH_ASSIGN(out.labels, labelsOf(object[QLatin1String("labels")], "labels", source));
    if (object.contains(QLatin1String("annotations"))) {
        PH_ASSIGN(out.annotations, labelsOf(object[QLatin1String("annotations")], "annotations", source));
    }
    out.fingerprint = object[QLatin1String("fingerprint")].toString().left(kMaxId).toStdString();
    if (out.fingerprint.empty()) return unsound("an alert has no fingerprint", source);
    PH_ASSIGN(out.pendingSince, timeOf(object, "startsAt", source));
    out.firingSince = out.pendingSince;
    out.state = ports::AlertState::Firing;
    out.name = labelOf(out.labels, "alertname");
    out.model = labelOf(out.labels, "model");
    out.monitor = labelOf(out.labels, "monitor");
    out.severity = ports::severityOfLabel(labelOf(out.labels, "severity"));
    const QJsonObject status = object[QLatin1String("status")].toObject();
    out.silencedBy = textsOf(status[QLatin1String("silencedBy")]);
    out.inhibitedBy = textsOf(status[QLatin1String("inhibitedBy")]);
    out.silenced = !out.silencedBy.empty();
    out.receivers = namesOf(object[QLatin1String("receivers")]);
    out.sources = {source};
    out.generator = text(object[QLatin1String("generatorURL")]);
    return out;
}

Result<ports::Matcher> matcherOf(const QJsonObject& object, const std::string& source) {
    ports::Matcher out{text(object[QLatin1String("name")]), text(object[QLatin1String("value")])};
    if (out.label.empty()) return unsound("a silence's matcher names no label", source);
    const bool regex = object[QLatin1String("isRegex")].toBool();
    const bool equal = object[QLatin1String("isEqual")].toBool(true);  // versions before 0.22 know no other
    using Op = ports::MatchOperator;
    out.op = regex ? (equal ? Op::Matches : Op::NotMatches) : (equal ? Op::Equal : Op::NotEqual);
    return out;
}

}  // namespace

Result<std::vector<ports::Alert>> parseAlerts(const QByteArray& json, const std::string& source) {
    PH_ASSIGN(const QJsonArray list, listOf(json, "alerts", kMaxAlerts, source));
    std::vector<ports::Alert> out;
    out.reserve(static_cast<std::size_t>(list.size()));
    for (const QJsonValue& value : list) {
        PH_ASSIGN(ports::Alert alert, alertOf(value.toObject(), source));
        out.push_back(std::move(alert));
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const ports::Alert& a, const ports::Alert& b) { return a.pendingSince > b.pendingSince; });
    return out;
}

Result<std::vector<AlertGroup>> parseGroups(const QByteArray& json, const std::string& source) {
    PH_ASSIGN(const QJsonArray list, listOf(json, "groups", kMaxAlerts, source));
    std::vector<AlertGroup> out;
    for (const QJsonValue& value : list) {
        const QJsonObject object = value.toObject();
        AlertGroup group;
        PH_ASSIGN(group.labels, labelsOf(object[QLatin1String("labels")], "group's labels", source));
        group.receiver =
            object[QLatin1String("receiver")].toObject()[QLatin1String("name")].toString().left(kMaxId).toStdString();
        const QJsonArray alerts = object[QLatin1String("alerts")].toArray();
        for (const QJsonValue& alert : alerts)
            group.fingerprints.push_back(
                alert.toObject()[QLatin1String("fingerprint")].toString().left(kMaxId).toStdString());
        out.push_back(std::move(group));
    }
    return out;
}

Result<std::vector<ports::Silence>> parseSilences(const QByteArray& json, const std::string& source) {
    PH_ASSIGN(const QJsonArray list, listOf(json, "silences", kMaxSilences, source));
    std::vector<ports::Silence> out;
    for (const QJsonValue& value : list) {
        const QJsonObject object = value.toObject();
        ports::Silence silence;
        silence.id = object[QLatin1String("id")].toString().left(kMaxId).toStdString();
        if (silence.id.empty()) return unsound("a silence has no id", source);
        const QJsonArray matchers = object[QLatin1String("matchers")].toArray();
        if (matchers.size() > kMaxLabels) return unsound("a silence has too many matchers", source);
        for (const QJsonValue& m : matchers) {
            PH_ASSIGN(ports::Matcher matcher, matcherOf(m.toObject(), source));
            silence.matchers.push_back(std::move(matcher));
        }
        PH_ASSIGN(silence.range.start, timeOf(object, "startsAt", source));
        PH_ASSIGN(silence.range.end, timeOf(object, "endsAt", source));
        silence.author = text(object[QLatin1String("createdBy")]);
        silence.comment = text(object[QLatin1String("comment")]);
        silence.source = source;
        out.push_back(std::move(silence));
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const ports::Silence& a, const ports::Silence& b) { return a.range.start > b.range.start; });
    return out;
}

Result<std::string> parseSilenceId(const QByteArray& json, const std::string& source) {
    const QString id = QJsonDocument::fromJson(json).object()[QLatin1String("silenceID")].toString();
    if (id.isEmpty() || id.size() > kMaxId) return unsound("no silence's id came back", source);
    return id.toStdString();
}

QByteArray postableSilence(const ports::Silence& silence) {
    QJsonArray matchers;
    using Op = ports::MatchOperator;
    for (const ports::Matcher& m : silence.matchers)
        matchers.append(QJsonObject{{QStringLiteral("name"), QString::fromStdString(m.label)},
                                    {QStringLiteral("value"), QString::fromStdString(m.value)},
                                    {QStringLiteral("isRegex"), m.op == Op::Matches || m.op == Op::NotMatches},
                                    {QStringLiteral("isEqual"), m.op == Op::Equal || m.op == Op::Matches}});
    QJsonObject body{{QStringLiteral("matchers"), matchers},
                     {QStringLiteral("startsAt"), QString::fromStdString(silence.range.start.toIso())},
                     {QStringLiteral("endsAt"), QString::fromStdString(silence.range.end.toIso())},
                     {QStringLiteral("createdBy"), QString::fromStdString(silence.author)},
                     {QStringLiteral("comment"), QString::fromStdString(silence.comment)}};
    if (!silence.id.empty()) body.insert(QStringLiteral("id"), QString::fromStdString(silence.id));
    return QJsonDocument(body).toJson(QJsonDocument::Compact);
}

bool isSilenceId(const std::string& id) {
    return !id.empty() && id.size() <= std::size_t{kMaxId} &&
           std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

Error parseError(const HttpAnswer& answer, const std::string& source) {
    const ports::ReceiverAnswer said = readAnswer(answer, QDateTime::currentDateTimeUtc());
    Error out{ErrorKind::Unavailable, said.reason, {}, source, answer.status >= 500 || answer.status == 429};
    if (answer.status == 400 || answer.status == 422) out.kind = ErrorKind::InvalidInput;
    if (answer.status == 401 || answer.status == 403) out.kind = ErrorKind::PermissionDenied;
    if (answer.status == 404) out.kind = ErrorKind::NotFound;
    return out;
}

}  // namespace pilothouse::connect::alertmanager
