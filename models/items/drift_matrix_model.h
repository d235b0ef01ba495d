// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <memory>
#include <optional>
#include <vector>

#include "models/ports/evaluation.h"

namespace pilothouse::items {

/// One judged window of one row of the matrix. Points into the model's evaluations.
struct DriftCell {
    const ports::Evaluation* evaluation = nullptr;
    const ports::Finding* finding = nullptr;  ///< of the distribution; in the quality row the worst one
    const ports::Finding* missing = nullptr;  ///< of the missing share in the same window; null: not judged
};

/// What the monitors found, as features (rows) by windows (columns). Below the features stand the score and the data
/// quality, whose windows are shorter than a column: days() gives each of them, the cell itself holds the worst.
/// Features are ordered by the median of their effect over all windows, so that rows do not jump when another window is
/// chosen. GUI thread; building it is linear in the findings.
class DriftMatrixModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum class RowKind { Feature, Score, Quality };
    enum Role {
        FeatureRole = Qt::UserRole + 1,  ///< QString
        RowKindRole,                     ///< int(RowKind)
        StateRole,                       ///< "ok", "drift", "insufficient", "unavailable"; invalid: no such window
        SeverityRole,                    ///< "info", "warning", "alarm"; of a drift
        EffectRole,                      ///< double; invalid where there is none
        EffectLowRole,
        EffectHighRole,
        MinimumEffectRole,
        MethodRole,        ///< "wasserstein_sigma"
        ReasonRole,        ///< why insufficient or unavailable
        MissingDriftRole,  ///< bool: the missing share drifts
        WindowStartRole,   ///< qint64 ns
        WindowEndRole,
        EvaluationRole,  ///< qint64 id
    };
    using Evaluations = std::shared_ptr<const std::vector<ports::Evaluation>>;
    /// Older columns than these are left out.
    static constexpr std::size_t kMaxColumns = 120;

    explicit DriftMatrixModel(QObject* parent = nullptr);

    /// Evaluations of the kinds "drift", "score" and "quality" of one model, oldest window first, with findings.
    void setEvaluations(Evaluations evaluations);
    /// What the rows are: the features' drift (with score and quality below), or every check of quality and traffic,
    /// those that failed most often first.
    enum class Content { Drift, Quality };
    void setContent(Content content);
    [[nodiscard]] Content content() const { return m_content; }
    [[nodiscard]] const Evaluations& evaluations() const { return m_evaluations; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    [[nodiscard]] QString feature(int row) const;
    [[nodiscard]] RowKind rowKind(int row) const;
    [[nodiscard]] int rowOf(const QString& feature) const;  ///< -1: none
    [[nodiscard]] TimeRange window(int column) const;
    /// The last column that lies within the range, or else the last that overlaps it; -1: none.
    [[nodiscard]] int columnOf(const TimeRange& range) const;
    /// The drift evaluation of a column; null when there is none.
    [[nodiscard]] const ports::Evaluation* evaluation(int column) const;
    [[nodiscard]] DriftCell cell(int row, int column) const;
    [[nodiscard]] const std::vector<DriftCell>& days(int row, int column) const;
    /// Start of the unbroken row of drifting windows that ends with this one; nothing when it does not drift.
    [[nodiscard]] std::optional<Timestamp> driftSince(int row, int column) const;

private:
    struct Row {
        QString name;
        RowKind kind = RowKind::Feature;
        std::vector<std::vector<DriftCell>> cells;  ///< [column][window within it], oldest first
        double order = 0;
    };
    [[nodiscard]] bool valid(int row, int column) const;
    static std::vector<Row> qualityRows(const std::vector<TimeRange>& windows,
                                        const std::vector<ports::Evaluation>& all);
    std::vector<Row> buildRows(const std::vector<TimeRange>& windows, const std::vector<ports::Evaluation>& all) const;

    Content m_content = Content::Drift;
    Evaluations m_evaluations;
    std::vector<TimeRange> m_windows;
    std::vector<const ports::Evaluation*> m_columns;
    std::vector<Row> m_rows;
};

/// How much a state asks for attention: ok 0, unavailable 1, insufficient 2, drift 3.
[[nodiscard]] int attention(statistics::State state);

}  // namespace pilothouse::items
