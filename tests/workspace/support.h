// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFile>
#include <QFileInfo>
#include <QString>
#include <QTemporaryDir>
#include <QTest>

#include "models/workspace/workspace.h"

/// PH_VERIFY(result): a failing Result shows its error.
#define PH_VERIFY(result)                                                                         \
    do {                                                                                          \
        const auto& ph_checked_ = (result);                                                       \
        QVERIFY2(ph_checked_.has_value(), ph_checked_ ? "" : ph_checked_.error().text().c_str()); \
    } while (false)
/// PH_FAILS(result, kind, "part of the text"): it failed so, and says so.
#define PH_FAILS(result, expected, part)                                      \
    do {                                                                      \
        const auto& ph_checked_ = (result);                                   \
        QVERIFY2(!ph_checked_.has_value(), "it did not fail");                \
        const std::string ph_text_ = ph_checked_.error().text();              \
        QVERIFY2(ph_checked_.error().kind == (expected), ph_text_.c_str());   \
        QVERIFY2(ph_text_.find(part) != std::string::npos, ph_text_.c_str()); \
    } while (false)

namespace pilothouse::test {

/// Every qWarning fails the test that runs.
inline void failOnWarnings() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".?"))); }

/// A folder of its own for each test function.
class Folder {
public:
    [[nodiscard]] std::string file(const char* name = "w.pilothouse") const {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
    [[nodiscard]] std::string path() const { return m_folder.path().toStdString(); }

private:
    QTemporaryDir m_folder;
};

inline QByteArray bytesOf(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline bool writeBytes(const std::string& path, const QByteArray& bytes) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(bytes) == bytes.size();
}

inline bool exists(const std::string& path) { return QFileInfo::exists(QString::fromStdString(path)); }

}  // namespace pilothouse::test
