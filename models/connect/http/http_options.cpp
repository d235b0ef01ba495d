// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/http/http_options.h"

#include <QFile>
#include <QHostAddress>
#include <QNetworkProxy>
#include <QSslCertificate>
#include <QSslKey>
#include <algorithm>

#include "models/connect/http/http_client.h"

namespace pilothouse::connect {

namespace {

constexpr qint64 kMaxPem = 4 << 20;

Result<QByteArray> pem(const std::string& path) {
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorKind::InvalidInput, "the file cannot be read", path, file.errorString().toStdString());
    QByteArray bytes = file.read(kMaxPem + 1);
    if (bytes.size() > kMaxPem) return fail(ErrorKind::InvalidInput, "the file is too long for certificates", path);
    return bytes;
}

Result<QList<QSslCertificate>> certificates(const std::string& path) {
    PH_ASSIGN(const QByteArray bytes, pem(path));
    auto found = QSslCertificate::fromData(bytes);
    if (found.isEmpty()) return fail(ErrorKind::InvalidInput, "no certificate could be read", path);
    return found;
}

Result<QSslKey> privateKey(const std::string& path) {
    PH_ASSIGN(const QByteArray bytes, pem(path));
    for (const auto kind : {QSsl::Rsa, QSsl::Ec, QSsl::Dsa})
        if (QSslKey key(bytes, kind); !key.isNull()) return key;
    return fail(ErrorKind::InvalidInput, "no private key could be read (PEM, without a passphrase)", path);
}

bool soundHeader(const std::string& name, const std::string& value) {
    static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    const auto token = [](unsigned char c) {
        return std::isalnum(c) || kMarks.find(char(c)) != std::string_view::npos;
    };
    return !name.empty() && name.size() <= 100 && value.size() <= 4'000 &&
           std::all_of(name.begin(), name.end(), token) &&
           std::none_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

bool isThisMachine(const QUrl& url) {
    const QString host = url.host();
    return host == u"localhost"_qs || QHostAddress(host).isLoopback();
}

Result<QUrl> baseUrl(const std::string& url, const char* example) {
    QUrl out(QString::fromStdString(url), QUrl::StrictMode);
    if (!out.isValid() || out.host().isEmpty() || (out.scheme() != u"http"_qs && out.scheme() != u"https"_qs))
        return fail(ErrorKind::InvalidInput, std::string("not an address such as ") + example, url);
    if (!out.userInfo().isEmpty())
        return fail(ErrorKind::InvalidInput,
                    "the address holds a user or a password; name an environment variable with a token instead",
                    out.toString(QUrl::RemoveUserInfo).toStdString());
    QString base = out.path();
    while (base.endsWith(QLatin1Char('/')))
        base.chop(1);
    out.setPath(base);
    out.setQuery(QString());
    out.setFragment(QString());
    return out;
}

Result<std::optional<QNetworkProxy>> proxyOf(const HttpOptions& options) {
    if (options.proxy.empty()) return std::optional(QNetworkProxy(QNetworkProxy::NoProxy));
    if (options.proxy == "system") return std::optional<QNetworkProxy>();
    const QUrl url(QString::fromStdString(options.proxy), QUrl::StrictMode);
    const bool http = url.scheme() == u"http"_qs, socks = url.scheme() == u"socks5"_qs;
    if (!url.isValid() || !(http || socks) || url.host().isEmpty() || url.port() <= 0 || !url.userInfo().isEmpty())
        return fail(ErrorKind::InvalidInput,
                    "not a proxy such as http://proxy:3128 or socks5://localhost:1080 (without user and password)",
                    url.toString(QUrl::RemoveUserInfo).toStdString());
    return std::optional(QNetworkProxy(http ? QNetworkProxy::HttpProxy : QNetworkProxy::Socks5Proxy, url.host(),
                                       static_cast<quint16>(url.port())));
}

Result<std::optional<QSslConfiguration>> tlsOf(const HttpOptions& options) {
    if (options.caFile.empty() && options.certificateFile.empty()) return std::optional<QSslConfiguration>();
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    if (!options.caFile.empty()) {
        PH_ASSIGN(const auto authorities, certificates(options.caFile));
        tls.setCaCertificates(authorities);
    }
    if (!options.certificateFile.empty()) {
        PH_ASSIGN(const auto chain, certificates(options.certificateFile));
        PH_ASSIGN(const auto key, privateKey(options.keyFile.empty() ? options.certificateFile : options.keyFile));
        tls.setLocalCertificateChain(chain);
        tls.setPrivateKey(key);
    }
    return std::optional(tls);
}

Status checkOptions(const HttpOptions& options) {
    PH_TRY(proxyOf(options));
    PH_TRY(tlsOf(options));
    for (const auto& [name, value] : options.headers) {
        if (!soundHeader(name, value))
            return fail(ErrorKind::InvalidInput, "not a sound HTTP header", name.substr(0, 100));
        const QString lower = QString::fromStdString(name).toLower();
        for (const char* reserved : {"authorization", "proxy-authorization", "cookie", "host", "content-length",
                                     "transfer-encoding", "connection"})
            if (lower == QLatin1String(reserved))
                return fail(ErrorKind::InvalidInput,
                            "this header cannot be set; credentials are named, not written down", name);
    }
    return {};
}

}  // namespace pilothouse::connect
