// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <string>
#include <vector>

#include "models/ports/prediction_log.h"

namespace pilothouse::items {

/// A column of the table of predictions: one field, or some that read as one thing ("carrier flight").
struct PredictionColumn {
    QString id;  ///< stable: the field's name, or "carrier+flight"
    QString title;
    std::vector<std::string> fields;
    QString joiner;  ///< between the fields' texts
    ports::ColumnType type = ports::ColumnType::Text;
    bool shown = true;  ///< by default

    bool operator==(const PredictionColumn&) const = default;
};

/// All columns that a log offers, in their default order: time, what names the row, score, outcome, latency, features,
/// the rest.
[[nodiscard]] std::vector<PredictionColumn> predictionColumns(const std::vector<ports::FieldInfo>& fields);

/// Text fields worth counting beside the rows, in the log's order; then outcome and version.
[[nodiscard]] std::vector<std::string> facetFields(const std::vector<ports::FieldInfo>& fields);

}  // namespace pilothouse::items
