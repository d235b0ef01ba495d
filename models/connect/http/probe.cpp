// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/http/probe.h"

#include <QElapsedTimer>
#include <QHostInfo>
#include <QLocale>
#include <QSslCipher>
#include <QSslSocket>

#include "models/connect/http/http_options.h"
#include "models/connect/http/http_words.h"

namespace pilothouse::connect {

namespace {

using Outcome = ProbeStage::Outcome;
constexpr int kSliceMs = 50;  // how soon a cancellation is noticed

class Stage {
public:
    explicit Stage(const char* name) : m_name(name) { m_since.start(); }
    [[nodiscard]] ProbeStage is(Outcome outcome, std::string words) const {
        return {m_name, outcome, std::move(words), std::chrono::nanoseconds(m_since.nsecsElapsed())};
    }

private:
    const char* m_name;
    QElapsedTimer m_since;
};

ProbeStage lookUp(const QUrl& url) {
    const Stage stage("name");
    const QHostInfo info = QHostInfo::fromName(url.host());
    if (info.error() != QHostInfo::NoError || info.addresses().isEmpty())
        return stage.is(Outcome::Failed, "the host name " + url.host().toStdString() + " is not known");
    QStringList addresses;
    for (const QHostAddress& a : info.addresses().mid(0, 4))
        addresses << a.toString();
    return stage.is(Outcome::Ok, addresses.join(QStringLiteral(", ")).toStdString());
}

/// Until `done`, an error, a cancellation or the end of the time.
template <class Wait, class Done>
bool await(QSslSocket& socket, const CancellationToken& token, int timeoutMs, Wait wait, Done done) {
    QElapsedTimer since;
    since.start();
    while (!done() && since.elapsed() < timeoutMs && !token.cancelled()) {
        wait(kSliceMs);
        if (socket.state() == QAbstractSocket::UnconnectedState) break;
    }
    return done();
}

std::string certificateWords(const QSslCertificate& c) {
    const auto first = [](const QStringList& names) {
        return names.isEmpty() ? std::string("nobody") : names.first().left(200).toStdString();
    };
    return "certificate of " + first(c.subjectInfo(QSslCertificate::CommonName)) + " by " +
           first(c.issuerInfo(QSslCertificate::CommonName)) + ", valid until " +
           QLocale::c().toString(c.expiryDate().toUTC(), QStringLiteral("d MMM yyyy")).toStdString();
}

ProbeStage secure(QSslSocket& socket, const QUrl& url, const CancellationToken& token, int timeoutMs) {
    const Stage stage("TLS");
    QList<QSslError> errors;
    QObject::connect(&socket, &QSslSocket::sslErrors, &socket,
                     [&errors](const QList<QSslError>& found) { errors += found; });
    socket.setPeerVerifyName(url.host());
    socket.startClientEncryption();
    const bool done = await(
        socket, token, timeoutMs, [&](int ms) { (void)socket.waitForEncrypted(ms); },
        [&] { return socket.isEncrypted(); });
    QObject::disconnect(&socket, &QSslSocket::sslErrors, nullptr, nullptr);
    if (!errors.isEmpty()) return stage.is(Outcome::Failed, certificateError(errors.first(), url).message);
    if (!done) return stage.is(Outcome::Failed, "no secure connection: " + socket.errorString().toStdString());
    return stage.is(Outcome::Ok, socket.sessionCipher().protocolString().toStdString() + ", " +
                                     certificateWords(socket.peerCertificate()));
}

}  // namespace

const char* toString(ProbeStage::Outcome outcome) {
    switch (outcome) {
        case Outcome::Ok:
            return "ok";
        case Outcome::Failed:
            return "failed";
        case Outcome::Skipped:
            return "skipped";
    }
    return "";
}

std::vector<ProbeStage> probeWay(const QUrl& url, const HttpOptions& options, const CancellationToken& token,
                                 int timeoutMs) {
    std::vector<ProbeStage> out;
    const auto failed = [&out] { return out.back().outcome == Outcome::Failed; };
    if (!options.proxy.empty()) {
        for (const char* name : {"name", "TCP", "TLS"})
            out.push_back({name, Outcome::Skipped, "the proxy does it", {}});
        return out;
    }
    out.push_back(lookUp(url));
    if (failed() || token.cancelled()) return out;
    const Stage stage("TCP");
    const auto tls = tlsOf(options);
    if (!tls) {
        out.push_back(stage.is(Outcome::Failed, tls.error().text()));
        return out;
    }
    QSslSocket socket;
    socket.setProxy(QNetworkProxy::NoProxy);
    if (*tls) socket.setSslConfiguration(**tls);
    const bool https = url.scheme() == QLatin1String("https");
    const int port = url.port(https ? 443 : 80);
    socket.connectToHost(url.host(), static_cast<quint16>(port));
    const bool connected = await(
        socket, token, timeoutMs, [&](int ms) { (void)socket.waitForConnected(ms); },
        [&] { return socket.state() == QAbstractSocket::ConnectedState; });
    if (!connected) {
        const bool refused = socket.error() == QAbstractSocket::ConnectionRefusedError;
        out.push_back(stage.is(Outcome::Failed, refused
                                                    ? "nothing listens at port " + std::to_string(port)
                                                    : "no connection to port " + std::to_string(port) + " in time"));
        return out;
    }
    out.push_back(
        stage.is(Outcome::Ok, socket.peerAddress().toString().toStdString() + " port " + std::to_string(port)));
    if (https)
        out.push_back(secure(socket, url, token, timeoutMs));
    else
        out.push_back(
            {"TLS", Outcome::Skipped, isThisMachine(url) ? "not encrypted; it is this machine" : "not encrypted", {}});
    socket.abort();
    return out;
}

}  // namespace pilothouse::connect
