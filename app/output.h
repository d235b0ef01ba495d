// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>
#include <string>
#include <vector>

#include "models/base/result.h"
#include "models/base/timestamp.h"

/// How commands speak: results to stdout (text, or JSON for machines), everything else to stderr.
namespace pilothouse::app {

enum ExitCode { Done = 0, Failed = 1, DriftOrRefused = 2, Usage = 64, Cancelled = 130 };

void printLine(const std::string& text);
void printNote(const std::string& text);        ///< stderr
void printJson(const QJsonObject& object);      ///< one document, indented
void printJsonLine(const QJsonObject& object);  ///< one line

/// Prints the error (nothing for a cancellation beyond the word) and returns its exit code.
[[nodiscard]] int report(const Error& error);

/// A number, or null where it is NaN or infinite: JSON has neither.
[[nodiscard]] QJsonValue jsonNumber(double value);
[[nodiscard]] QJsonValue jsonTime(Timestamp t);
[[nodiscard]] QString text(const std::string& utf8);

/// Columns aligned by width; the first row is the header. Right-aligned where every cell below the header is a number.
void printTable(const std::vector<std::vector<std::string>>& rows);

}  // namespace pilothouse::app
