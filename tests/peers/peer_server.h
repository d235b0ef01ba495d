// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <signal.h>
#include <unistd.h>

#include <QEventLoop>
#include <QFile>
#include <QJsonDocument>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QProcess>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

/// One server process with a folder of its own; ended by its own id.
namespace pilothouse::test {

class PeerServer {
public:
    ~PeerServer() { stop(); }

    static quint16 freePort() {
        QTcpServer probe;
        probe.listen(QHostAddress::LocalHost);
        return probe.serverPort();
    }
    [[nodiscard]] QString path(const char* name) const { return m_folder.filePath(QLatin1String(name)); }
    [[nodiscard]] bool write(const char* name, const QByteArray& bytes) const {
        QFile file(path(name));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    }
    /// `group`: for a program that starts others, which may outlive it; all of them are ended together.
    [[nodiscard]] bool start(const QString& program, const QStringList& arguments, bool group = false) {
        m_group = group;
        if (group) m_process.setChildProcessModifier([] { ::setsid(); });
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.setStandardOutputFile(path("log"), QIODevice::Append);
        m_process.start(program, arguments);
        if (!m_process.waitForStarted()) return false;
        m_id = static_cast<pid_t>(m_process.processId());
        return true;
    }
    void kill() {
        if (m_group) ::kill(-m_id, SIGKILL);
        m_process.kill();
        m_process.waitForFinished();
    }
    void stop() {
        if (m_process.state() == QProcess::NotRunning) return;
        if (m_group)
            ::kill(-m_id, SIGTERM);
        else
            m_process.terminate();
        if (!m_process.waitForFinished(20'000)) kill();
    }

private:
    QTemporaryDir m_folder;
    QProcess m_process;
    pid_t m_id = 0;
    bool m_group = false;
};

struct Answer {
    int status = 0;
    QByteArray body;
    [[nodiscard]] QJsonDocument json() const { return QJsonDocument::fromJson(body); }
};
inline Answer get(const QString& url) {
    QNetworkAccessManager manager;
    QNetworkReply* reply = manager.get(QNetworkRequest(QUrl(url)));
    QEventLoop loop;
    QObject::connect(reply, &QNetworkReply::finished, &loop, &QEventLoop::quit);
    loop.exec();
    return {reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), reply->readAll()};
}

}  // namespace pilothouse::test
