// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/output.h"

#include <QJsonDocument>
#include <cmath>
#include <cstdio>

namespace pilothouse::app {

namespace {

/// Width in characters, not bytes: enough for aligned columns of Latin text.
std::size_t width(const std::string& utf8) {
    std::size_t n = 0;
    for (const char c : utf8)
        n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return n;
}

bool looksNumeric(const std::string& cell) {
    if (cell.empty() || cell == "–") return true;
    return (cell[0] >= '0' && cell[0] <= '9') || ((cell[0] == '-' || cell[0] == '+') && cell.size() > 1);
}

}  // namespace

void printLine(const std::string& line) { std::fprintf(stdout, "%s\n", line.c_str()); }
void printNote(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

void printJson(const QJsonObject& object) { std::fputs(QJsonDocument(object).toJson().constData(), stdout); }

void printJsonLine(const QJsonObject& object) {
    std::fprintf(stdout, "%s\n", QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
}

int report(const Error& error) {
    if (error.kind == ErrorKind::Cancelled) {
        printNote("pilothouse: cancelled");
        return Cancelled;
    }
    printNote("pilothouse: " + error.text());
    return Failed;
}

QJsonValue jsonNumber(double value) { return std::isfinite(value) ? QJsonValue(value) : QJsonValue(); }
QJsonValue jsonTime(Timestamp t) { return text(t.toIso()); }
QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

void printTable(const std::vector<std::vector<std::string>>& rows) {
    if (rows.empty()) return;
    const std::size_t columns = rows[0].size();
    std::vector<std::size_t> widths(columns);
    std::vector<bool> right(columns, rows.size() > 1);
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t c = 0; c < columns; ++c) {
            widths[c] = std::max(widths[c], width(rows[r][c]));
            if (r > 0 && !looksNumeric(rows[r][c])) right[c] = false;
        }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t c = 0; c < columns; ++c) {
            const std::string padding(widths[c] - width(row[c]), ' ');
            line += right[c] ? padding + row[c] : row[c] + padding;
            if (c + 1 < columns) line += "  ";
        }
        while (!line.empty() && line.back() == ' ')
            line.pop_back();
        printLine(line);
    }
}

}  // namespace pilothouse::app
