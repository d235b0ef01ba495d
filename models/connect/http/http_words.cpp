// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/http/http_words.h"

#include <QLocale>
#include <QSslCertificate>

namespace pilothouse::connect {

namespace {

std::string day(const QDateTime& at) {
    return QLocale::c().toString(at.toUTC(), QStringLiteral("d MMM yyyy, HH:mm 'UTC'")).toStdString();
}

std::string subject(const QSslCertificate& certificate) {
    const QStringList names = certificate.subjectInfo(QSslCertificate::CommonName);
    return names.isEmpty() ? std::string("without a name") : names.first().left(200).toStdString();
}

int port(const QUrl& url) { return url.port(url.scheme() == u"https"_qs ? 443 : 80); }

}  // namespace

std::string addressOf(const QUrl& url) {
    return url.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment).left(500).toStdString();
}

bool sameOrigin(const QUrl& a, const QUrl& b) {
    return a.scheme() == b.scheme() && a.host() == b.host() && port(a) == port(b);
}

std::optional<QUrl> redirectTarget(const QNetworkReply& reply) {
    const QUrl target = reply.url().resolved(reply.attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl());
    if (!target.isValid() || target.host().isEmpty() || target == reply.url() ||
        (target.scheme() != u"http"_qs && target.scheme() != u"https"_qs))
        return {};
    return target;
}

Error certificateError(const QSslError& error, const QUrl& url) {
    const QSslCertificate certificate = error.certificate();
    Error out{ErrorKind::PermissionDenied, "the server's certificate is not trusted", {}, addressOf(url), false};
    switch (error.error()) {
        case QSslError::CertificateExpired:
            out.message = "the server's certificate expired on " + day(certificate.expiryDate());
            break;
        case QSslError::CertificateNotYetValid:
            out.message = "the server's certificate is valid from " + day(certificate.effectiveDate()) +
                          " only; is this machine's clock right?";
            break;
        case QSslError::HostNameMismatch: {
            QStringList names = certificate.subjectAlternativeNames().values(QSsl::DnsEntry);
            if (names.isEmpty()) names = certificate.subjectInfo(QSslCertificate::CommonName);
            out.message = "the server's certificate is for " + names.mid(0, 3).join(u", "_qs).left(200).toStdString() +
                          ", not for " + url.host().toStdString();
            break;
        }
        case QSslError::SelfSignedCertificate:
        case QSslError::SelfSignedCertificateInChain:
        case QSslError::UnableToGetLocalIssuerCertificate:
        case QSslError::UnableToVerifyFirstCertificate:
        case QSslError::UnableToGetIssuerCertificate:
        case QSslError::CertificateUntrusted: {
            const QStringList issuer = certificate.issuerInfo(QSslCertificate::CommonName);
            out.message = "the server's certificate is of an authority that is not known here" +
                          (issuer.isEmpty() ? std::string() : " (" + issuer.first().left(200).toStdString() + ")") +
                          "; give the connection its CA file";
            break;
        }
        default:
            break;
    }
    out.detail = error.errorString().toStdString();
    if (!certificate.isNull()) out.detail += "; certificate of " + subject(certificate);
    return out;
}

Error networkError(const QNetworkReply& reply, const QList<QSslError>& tls) {
    Error error{ErrorKind::Unavailable, "the server does not answer", reply.errorString().toStdString(),
                addressOf(reply.url()), true};
    switch (reply.error()) {
        case QNetworkReply::ConnectionRefusedError:
            error.message = "nothing listens at this address";
            break;
        case QNetworkReply::HostNotFoundError:
            error.message = "the host name is not known";
            break;
        case QNetworkReply::RemoteHostClosedError:
            error.message = "the server closed the connection";
            break;
        case QNetworkReply::OperationCanceledError:
        case QNetworkReply::TimeoutError:
            error.kind = ErrorKind::Timeout;
            error.message = "the server did not answer in time";
            break;
        case QNetworkReply::SslHandshakeFailedError:
            if (!tls.isEmpty()) return certificateError(tls.first(), reply.url());
            error.kind = ErrorKind::PermissionDenied;
            error.message = "no secure connection could be agreed on with the server";
            error.retryable = false;
            break;
        case QNetworkReply::ProxyConnectionRefusedError:
        case QNetworkReply::ProxyConnectionClosedError:
        case QNetworkReply::ProxyNotFoundError:
        case QNetworkReply::ProxyTimeoutError:
        case QNetworkReply::UnknownProxyError:
            error.message = "the proxy does not answer";
            break;
        case QNetworkReply::ProxyAuthenticationRequiredError:
            error.kind = ErrorKind::PermissionDenied;
            error.message = "the proxy asks for credentials";
            error.retryable = false;
            break;
        case QNetworkReply::ProtocolUnknownError:
        case QNetworkReply::ProtocolFailure:
        case QNetworkReply::UnknownContentError:
            error.kind = ErrorKind::InvalidInput;
            error.message = "the answer is not sound HTTP";
            error.retryable = false;
            break;
        default:
            break;
    }
    return error;
}

}  // namespace pilothouse::connect
