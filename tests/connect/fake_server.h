// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <functional>
#include <utility>

#include "models/base/result.h"

/// A server on loopback that misbehaves as told, and the means to wait for what a client makes of it.
namespace pilothouse::test {

/// Answers each request by a function from the request's head and body to raw bytes; nothing: never answers.
class FakeServer : public QTcpServer {
public:
    std::function<QByteArray(const QByteArray&)> answer;
    QList<QByteArray> requests;

    FakeServer() {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket* socket = nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
                m_input += socket->readAll();
                const auto head = m_input.indexOf("\r\n\r\n");
                if (head < 0) return;
                const auto length = m_input.toLower().indexOf("content-length:");
                const qsizetype body =
                    length < 0
                        ? 0
                        : m_input.mid(length + 15, m_input.indexOf('\r', length) - length - 15).trimmed().toInt();
                if (m_input.size() < head + 4 + body) return;
                requests << std::exchange(m_input, {});
                const QByteArray reply = answer(requests.last());
                if (reply.isEmpty()) return;
                socket->write(reply);
                socket->disconnectFromHost();
            });
        });
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(serverPort()); }

private:
    QByteArray m_input;
};

inline QByteArray http(int status, const QByteArray& body,
                       const QByteArray& headers = "Content-Type: application/json\r\n") {
    return "HTTP/1.1 " + QByteArray::number(status) + " x\r\n" + headers +
           "Content-Length: " + QByteArray::number(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

template <class T>
Result<T> await(QFuture<Result<T>> future) {
    [&] { QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 20'000); }();
    if (!future.isFinished()) return fail(Error::internal("no answer"));
    return future.result();
}

}  // namespace pilothouse::test
