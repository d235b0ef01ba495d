// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <map>
#include <optional>
#include <string>

namespace pilothouse::connect {

struct Request {
    std::string method, path, query;
    std::map<std::string, std::string> headers;  ///< names in lower case; of one that came twice the first
    QByteArray body;
};

struct RequestLimits {
    qsizetype head = 16 << 10;  ///< request line and headers
    qsizetype body = 1 << 20;
};

/// Reads one HTTP/1.1 request as it comes (RFC 9112), however it is cut. Bodies have a length; chunked ones are
/// refused.
class RequestReader {
public:
    explicit RequestReader(RequestLimits limits = {}) : m_limits(limits) {}

    /// An HTTP status when the request cannot be read further; otherwise nothing. What comes after the request's end is
    /// not looked at.
    [[nodiscard]] std::optional<int> feed(const QByteArray& bytes);
    [[nodiscard]] bool headRead() const { return m_headRead; }
    [[nodiscard]] bool complete() const { return m_headRead && m_request.body.size() == m_length; }
    [[nodiscard]] const Request& request() const { return m_request; }

private:
    [[nodiscard]] std::optional<int> readHead(const QByteArray& head);
    [[nodiscard]] std::optional<int> readHeader(const QByteArray& line);
    [[nodiscard]] std::optional<int> checkLength();

    RequestLimits m_limits;
    QByteArray m_input;
    Request m_request;
    bool m_headRead = false;
    qsizetype m_length = 0;
};

}  // namespace pilothouse::connect
