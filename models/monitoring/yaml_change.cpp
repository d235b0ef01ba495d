// SPDX-License-Identifier: GPL-3.0-or-later
// What an edit changed, shown and written.
#include <QFile>
#include <QSaveFile>
#include <algorithm>

#include "models/monitoring/yaml_edit.h"

namespace pilothouse::monitoring {

namespace {

constexpr std::size_t kContext = 3;

std::vector<std::string_view> linesOf(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto length = end == std::string_view::npos ? text.size() : end + 1;
        out.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return out;
}

void write(std::string& out, char sign, std::string_view line) {
    out += sign;
    out += line;
    if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

/// "start,count" as diff has it: an empty range names the line before it.
std::string range(std::size_t start, std::size_t count) {
    return std::to_string(count == 0 ? start : start + 1) + (count == 1 ? "" : "," + std::to_string(count));
}

}  // namespace

std::string unifiedDiff(std::string_view before, std::string_view after, const std::string& file) {
    if (before == after) return {};
    const auto a = linesOf(before), b = linesOf(after);
    const std::size_t shorter = std::min(a.size(), b.size());
    std::size_t head = 0, tail = 0;
    while (head < shorter && a[head] == b[head])
        ++head;
    while (tail < shorter - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    const std::size_t first = head - std::min(head, kContext);
    const std::size_t below = std::min(tail, kContext);
    const std::size_t endA = a.size() - tail, endB = b.size() - tail;
    std::string out = "--- " + file + "\n+++ " + file + "\n@@ -" + range(first, endA + below - first) + " +" +
                      range(first, endB + below - first) + " @@\n";
    for (std::size_t i = first; i < head; ++i)
        write(out, ' ', a[i]);
    for (std::size_t i = head; i < endA; ++i)
        write(out, '-', a[i]);
    for (std::size_t i = head; i < endB; ++i)
        write(out, '+', b[i]);
    for (std::size_t i = endA; i < endA + below; ++i)
        write(out, ' ', a[i]);
    return out;
}

Status replaceFile(const std::string& path, std::string_view before, std::string_view after) {
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorKind::NotFound, "cannot be read", path, file.errorString().toStdString());
    const QByteArray now = file.read(static_cast<qint64>(before.size()) + 1);
    if (std::string_view(now.constData(), static_cast<std::size_t>(now.size())) != before)
        return fail(ErrorKind::Conflict, "was changed meanwhile; look at it again", path);
    file.close();
    QSaveFile out(QString::fromStdString(path));
    if (!out.open(QIODevice::WriteOnly) ||
        out.write(after.data(), static_cast<qint64>(after.size())) != static_cast<qint64>(after.size()) ||
        !out.commit())
        return fail(ErrorKind::PermissionDenied, "cannot be written", path, out.errorString().toStdString());
    return {};
}

}  // namespace pilothouse::monitoring
