// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/listener/request_reader.h"

#include <algorithm>

namespace pilothouse::connect {

namespace {

bool isToken(const QByteArray& text) {
    return !text.isEmpty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool isPrintable(const QByteArray& text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
}

}  // namespace

std::optional<int> RequestReader::feed(const QByteArray& bytes) {
    if (complete()) return {};
    m_input += bytes;
    if (!m_headRead) {
        const auto end = m_input.indexOf("\r\n\r\n");
        if (end < 0 ? m_input.size() > m_limits.head : end > m_limits.head) return 431;
        if (end < 0) return {};
        if (const auto problem = readHead(m_input.left(end))) return problem;
        m_headRead = true;
        m_input.remove(0, end + 4);
    }
    m_request.body += m_input.left(m_length - m_request.body.size());
    m_input.clear();
    return {};
}

std::optional<int> RequestReader::readHead(const QByteArray& head) {
    const auto firstEnd = head.indexOf("\r\n");
    const QList<QByteArray> line = (firstEnd < 0 ? head : head.left(firstEnd)).split(' ');
    if (line.size() != 3 || !isToken(line[0]) || !line[1].startsWith('/') || !isPrintable(line[1])) return 400;
    if (line[2] != "HTTP/1.1" && line[2] != "HTTP/1.0") return line[2].startsWith("HTTP/") ? 505 : 400;
    m_request.method = line[0].toStdString();
    const auto question = line[1].indexOf('?');
    m_request.path = (question < 0 ? line[1] : line[1].left(question)).toStdString();
    if (question >= 0) m_request.query = line[1].mid(question + 1).toStdString();
    for (qsizetype at = firstEnd; at >= 0;) {
        const auto next = head.indexOf("\r\n", at + 2);
        if (const auto problem = readHeader(head.mid(at + 2, next < 0 ? -1 : next - at - 2))) return problem;
        at = next;
    }
    return checkLength();
}

std::optional<int> RequestReader::readHeader(const QByteArray& line) {
    const auto colon = line.indexOf(':');
    const QByteArray name = line.left(colon);
    const QByteArray value = line.mid(colon + 1).trimmed();
    if (colon < 0 || !isToken(name) || value.contains('\n') || value.contains('\r') || value.contains('\0')) return 400;
    const auto [place, added] = m_request.headers.try_emplace(name.toLower().toStdString(), value.toStdString());
    // Two lengths, or two tokens: nobody knows which of them somebody else believes.
    if (!added && (place->first == "content-length" || place->first == "authorization")) return 400;
    return {};
}

std::optional<int> RequestReader::checkLength() {
    if (m_request.headers.contains("transfer-encoding")) return 411;
    const auto length = m_request.headers.find("content-length");
    if (length == m_request.headers.end()) return {};
    const std::string& digits = length->second;
    if (digits.empty() || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return 400;
    if (digits.size() > 12) return 413;
    m_length = static_cast<qsizetype>(std::stoll(digits));
    return m_length > m_limits.body ? std::optional<int>(413) : std::nullopt;
}

}  // namespace pilothouse::connect
