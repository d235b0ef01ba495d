// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/request_eraser.h"

#include <QLocale>

#include "models/items/on_thread.h"

namespace pilothouse::items {

namespace {

using Answer = Result<predictions::Erasure>;

Answer eraseNow(const workspace::Workspace& workspace, const std::string& requestId) {
    PH_ASSIGN(const auto database, workspace.connect());
    return predictions::eraseRequest(*database, requestId, "user", workspace.now(), {});
}

QString counted(std::uint64_t count, const QString& one) {
    return count == 1 ? QStringLiteral("1 ") + one
                      : QLocale(QLocale::English, QLocale::UnitedStates).toString(static_cast<qulonglong>(count)) +
                            QLatin1Char(' ') + one + QLatin1Char('s');
}

}  // namespace

QString erasureWords(const predictions::Erasure& erasure) {
    return QStringLiteral("%1, %2 and %3")
        .arg(counted(erasure.rows, QStringLiteral("row")), counted(erasure.truths, QStringLiteral("outcome")),
             counted(erasure.quarantined, QStringLiteral("quarantined row")));
}

RequestEraser::RequestEraser(std::shared_ptr<workspace::Workspace> workspace, QObject* parent)
    : QObject(parent), m_workspace(std::move(workspace)) {}

void RequestEraser::count(const std::string& requestId) {
    m_counting.start(
        this,
        [&](CancellationToken token) {
            return m_workspace->read(std::move(token), [requestId](workspace::Database& database) {
                return predictions::countRequest(database, requestId);
            });
        },
        [this, requestId](Answer would) {
            if (would)
                Q_EMIT counted(QString::fromStdString(requestId), *would);
            else
                Q_EMIT failed(QString::fromStdString(would.error().text()));
        });
}

void RequestEraser::erase(const std::string& requestId) {
    if (m_erasing) return;
    m_erasing = true;
    m_answer.start(
        this,
        [&](const CancellationToken&) {
            return onThread("erase", [workspace = m_workspace, requestId] { return eraseNow(*workspace, requestId); });
        },
        [this, requestId](Answer done) {
            m_erasing = false;
            if (done)
                Q_EMIT erased(QString::fromStdString(requestId), *done);
            else
                Q_EMIT failed(QString::fromStdString(done.error().text()));
        });
}

}  // namespace pilothouse::items
