// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QTemporaryDir>
#include <memory>

#include "models/items/session.h"
#include "models/predictions/embedded_prediction_log.h"

namespace pilothouse::test {

/// An empty workspace and a folder for files.
struct ImportFixture {
    QTemporaryDir folder;
    std::shared_ptr<workspace::Workspace> workspace;
    std::unique_ptr<items::Session> session;

    ImportFixture() {
        auto made = workspace::Workspace::create(folder.filePath(QStringLiteral("t.pilothouse")).toStdString(),
                                                 ClockKind::Real, "UTC");
        if (!made) qFatal("%s", made.error().text().c_str());
        workspace = *made;
        items::Session::Ports ports;
        ports.predictions = std::make_shared<predictions::EmbeddedPredictionLog>(workspace);
        session = std::make_unique<items::Session>(workspace, ports);
    }
    QString file(const QString& name, const QByteArray& content) const {
        const QString path = folder.filePath(name);
        QFile out(path);
        if (!out.open(QIODevice::WriteOnly) || out.write(content) != content.size()) qFatal("no file");
        return path;
    }
    [[nodiscard]] qint64 count(const char* sql) const {
        auto database = workspace->connect(true);
        if (!database) qFatal("%s", database.error().text().c_str());
        const auto value = (*database)->integer(sql);
        if (!value) qFatal("%s", value.error().text().c_str());
        return value->value_or(0);
    }
    [[nodiscard]] qint64 rows() const {
        return count(
            "SELECT (SELECT coalesce(sum(rows), 0) FROM prediction_batch) + "
            "(SELECT coalesce(sum(rows), 0) FROM prediction_segment)");
    }

    static QByteArray line(int i) {
        return R"({"when":)" + QByteArray::number(1700000000 + i) + R"(,"model":"delay","id":"r)" +
               QByteArray::number(i) + R"(","score":0.5,"carrier":"UA","secret":"s)" + QByteArray::number(i) + "\"}\n";
    }
    static QByteArray lines(int from, int to) {
        QByteArray out;
        for (int i = from; i < to; ++i)
            out += line(i);
        return out;
    }
};

}  // namespace pilothouse::test
