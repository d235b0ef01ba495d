// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

namespace pilothouse::ingest_view {

/// The table of a mapping: Enter or a click opens the choice of a cell.
class MappingTable : public QTableView {
    Q_OBJECT
public:
    explicit MappingTable(QWidget* parent = nullptr);
    /// Widths that fit what is shown now, within bounds.
    void fitColumns();

protected:
    void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace pilothouse::ingest_view
