// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QThread>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "models/base/result.h"
#include "models/connect/listener/request_reader.h"

namespace pilothouse::connect {

struct ListenerOptions {
    quint16 port = 0;   ///< 0: one that is free
    std::string token;  ///< wanted as "Authorization: Bearer …" on every request; never empty
    RequestLimits limits;
    int totalMs = 10'000;  ///< for a request to arrive, and again for its answer to be taken
    int maxConnections = 32;
};

struct Response {
    int status = 200;
    QByteArray contentType = "text/plain; charset=utf-8";
    QByteArray body;
};
/// Called on threads of the listener, several at once.
using Handler = std::function<Response(const Request&)>;

/// What Pilothouse serves: HTTP/1.1 on loopback, one request a connection, from a thread of its own. Whoever cannot
/// show the token learns nothing, not even which paths there are. Memory and time of a request are bounded.
class Listener {
public:
    /// `routes`: "GET /metrics" → handler. InvalidInput without a token; Unavailable when the port is taken.
    static Result<std::unique_ptr<Listener>> open(ListenerOptions options, std::map<std::string, Handler> routes);
    ~Listener();  ///< ends connections, waits for handlers
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] quint16 port() const { return m_port; }

private:
    class Server;
    Listener() = default;
    QThread m_thread;
    Server* m_server = nullptr;  ///< lives on m_thread, deleted by it
    quint16 m_port = 0;
};

}  // namespace pilothouse::connect
