// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/drift_comparison.h"
#include "models/items/on_thread.h"
#include "models/items/session.h"

namespace pilothouse::items {

void DriftLoader::compare(const DriftComparison& comparison) {
    m_windowQuestion.start(
        this,
        [&](CancellationToken token) {
            return onThread("compare",
                            [workspace = m_session.sharedWorkspace(), zone = m_session.zone(), comparison,
                             token]() -> Result<DriftWindow> {
                                PH_ASSIGN(const auto database, workspace->connect(true));
                                database->setCancellation(token);
                                return compareRows(*database, zone, comparison, token);
                            });
        },
        [this](Result<DriftWindow> answer) {
            if (!answer) {
                Q_EMIT compareFailed(QString::fromStdString(answer.error().text()));
                return;
            }
            m_window = std::make_shared<DriftWindow>(std::move(*answer));
            Q_EMIT windowReady(m_window);
        });
}

}  // namespace pilothouse::items
