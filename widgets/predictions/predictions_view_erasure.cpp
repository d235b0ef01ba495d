// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/predictions_view.h"
#include "widgets/predictions/row_context.h"
#include "widgets/predictions/row_details.h"

namespace pilothouse::predictions_view {

/// A request is erased from its details: asked for, counted, confirmed, done, and seen to be gone.
void PredictionsView::connectErasure() {
    using items::RequestEraser;
    RowContext* const panel = &m_details->request();
    panel->setErasable(!m_session.workspace().readOnly());
    connect(panel, &RowContext::erasureAsked, this, [this] {
        const auto& row = m_rowLoader.row();
        if (row && !m_eraser.busy()) m_eraser.count(row->text(ports::field::requestId));
    });
    connect(panel, &RowContext::erasureConfirmed, this,
            [this](const QString& requestId) { m_eraser.erase(requestId.toStdString()); });
    connect(&m_eraser, &RequestEraser::counted, panel, [panel](const QString& id, const predictions::Erasure& would) {
        panel->confirmErasure(id, items::erasureWords(would));
    });
    connect(&m_eraser, &RequestEraser::failed, panel,
            [panel](const QString& message) { panel->showErasure(message, true); });
    connect(&m_eraser, &RequestEraser::erased, this, [this, panel](const QString&, const predictions::Erasure& done) {
        QStringList words{u"Erased: %1"_qs.arg(items::erasureWords(done))};
        if (!done.bytesGone)
            words << u"Another program still reads an older state; the bytes go when it has closed the workspace"_qs;
        for (const std::string& path : done.backups)
            words << u"%1 was made before a migration and may still hold it"_qs.arg(QString::fromStdString(path));
        panel->showErasure(words.join(u".\n"_qs), false);
        m_exportWords = words.front();  // where it stays when another row is chosen
        if (isVisible())
            reload();
        else
            m_stale = true;
    });
}

}  // namespace pilothouse::predictions_view
