// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/mlflow/mlflow_error.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <array>

namespace pilothouse::connect::mlflow {

namespace {

constexpr qsizetype kMaxBody = 1 << 16;
constexpr qsizetype kMaxText = 500;

QString oneLine(QString text) {
    text.truncate(4 * kMaxText);
    return text.simplified().left(kMaxText);
}

struct Words {
    QString code, message;
    QString plain;  ///< of a body that is not JSON; of HTML the title
};

Words wordsOf(const HttpAnswer& answer) {
    const QByteArray body = answer.body.left(kMaxBody).trimmed();
    Words out;
    if (body.startsWith('{')) {
        const QJsonObject json = QJsonDocument::fromJson(body).object();
        const QJsonValue code = json.value(QLatin1String("error_code"));
        out.code = code.isDouble() ? QString::number(code.toInt()) : code.toString().left(100);
        out.message = oneLine(json.value(QLatin1String("message")).toString());
        if (out.message.isEmpty()) out.message = oneLine(json.value(QLatin1String("detail")).toString());
        if (!json.isEmpty()) return out;
    }
    const QString text = QString::fromUtf8(body);
    if (!body.startsWith('<')) {
        out.plain = oneLine(text);
        return out;
    }
    const qsizetype from = text.indexOf(QLatin1String("<title>"), 0, Qt::CaseInsensitive);
    const qsizetype to = text.indexOf(QLatin1String("</title>"), 0, Qt::CaseInsensitive);
    if (from >= 0 && to > from) out.plain = oneLine(text.mid(from + 7, to - from - 7));
    return out;
}

std::optional<ErrorKind> kindOf(const QString& code) {
    static constexpr std::array kinds{
        std::pair{"RESOURCE_DOES_NOT_EXIST", ErrorKind::NotFound},
        std::pair{"NOT_FOUND", ErrorKind::NotFound},
        std::pair{"RESOURCE_ALREADY_EXISTS", ErrorKind::AlreadyExists},
        std::pair{"ALREADY_EXISTS", ErrorKind::AlreadyExists},
        std::pair{"INVALID_PARAMETER_VALUE", ErrorKind::InvalidInput},
        std::pair{"BAD_REQUEST", ErrorKind::InvalidInput},
        std::pair{"MALFORMED_REQUEST", ErrorKind::InvalidInput},
        std::pair{"INVALID_STATE", ErrorKind::Conflict},
        std::pair{"RESOURCE_CONFLICT", ErrorKind::Conflict},
        std::pair{"ABORTED", ErrorKind::Conflict},
        std::pair{"PERMISSION_DENIED", ErrorKind::PermissionDenied},
        std::pair{"UNAUTHENTICATED", ErrorKind::PermissionDenied},
        std::pair{"CUSTOMER_UNAUTHORIZED", ErrorKind::PermissionDenied},
        std::pair{"ENDPOINT_NOT_FOUND", ErrorKind::Unsupported},
        std::pair{"NOT_IMPLEMENTED", ErrorKind::Unsupported},
        std::pair{"FEATURE_DISABLED", ErrorKind::Unsupported},
        std::pair{"RESOURCE_LIMIT_EXCEEDED", ErrorKind::ResourceExhausted},
        std::pair{"DEADLINE_EXCEEDED", ErrorKind::Timeout},
    };
    for (const auto& [name, kind] : kinds)
        if (code == QLatin1String(name)) return kind;
    return {};
}

ErrorKind kindOf(int status) {
    switch (status) {
        case 400:
        case 422:
            return ErrorKind::InvalidInput;
        case 401:
        case 403:
            return ErrorKind::PermissionDenied;
        case 404:
            return ErrorKind::NotFound;
        case 405:
        case 501:
            return ErrorKind::Unsupported;
        case 409:
            return ErrorKind::Conflict;
        case 504:
            return ErrorKind::Timeout;
        default:
            return ErrorKind::Unavailable;
    }
}

QString ownWords(int status) {
    switch (status) {
        case 401:
            return QStringLiteral("the server asks for credentials");
        case 403:
            return QStringLiteral("the server refuses access");
        case 404:
            return QStringLiteral("no MLflow API at this address");
        case 429:
            return QStringLiteral("the server asks for fewer requests");
        default:
            return QStringLiteral("the server answered with HTTP status %1").arg(status);
    }
}

}  // namespace

Error parseError(const HttpAnswer& answer, const std::string& source) {
    const Words words = wordsOf(answer);
    Error error;
    error.source = source;
    error.kind = kindOf(words.code).value_or(kindOf(answer.status));
    error.retryable = answer.status >= 500 || answer.status == 429;
    QString message = words.message;
    QString detail = words.code;
    if (message.isEmpty()) {
        message = ownWords(answer.status);
        // Who is not let in needs the reason; a page's title or a proxy's text is a detail.
        if (answer.status == 403 && !words.plain.isEmpty())
            message += QStringLiteral(": ") + words.plain;
        else
            detail = words.code.isEmpty() ? words.plain : words.code;
    }
    if (!answer.retryAfter.isEmpty() && error.retryable)
        detail += (detail.isEmpty() ? QString() : QStringLiteral("; ")) + QStringLiteral("again after ") +
                  oneLine(QString::fromLatin1(answer.retryAfter)) +
                  (answer.retryAfter.toInt() > 0 ? QStringLiteral(" s") : QString());
    error.message = message.toStdString();
    error.detail = detail.toStdString();
    return error;
}

}  // namespace pilothouse::connect::mlflow
