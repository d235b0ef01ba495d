// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "models/base/latest.h"
#include "models/ports/prediction_log.h"
#include "models/statistics/contrast.h"

namespace pilothouse::items {

/// A value, or a span of numbers, and how its share among the chosen rows differs from that among the rest.
struct PredictionDifference {
    std::string field;
    std::string value;  ///< "UA", "80 to 95", "no value"
    std::string clause;
    std::uint64_t count = 0, countRest = 0;
    statistics::ShareContrast contrast;
};

/// What is different about the rows that match: values ranked by the lift that is safe to say, strongest first. Only
/// what clears its simultaneous interval, and is seen often enough for one, is listed. Edges and categories come from
/// the newest rows of either side, counts are over all rows. GUI thread.
class PredictionDifferences : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        FieldRole = Qt::UserRole + 1,
        ValueRole,
        ClauseRole,
        ShareRole,      ///< double
        RestRole,       ///< double
        LiftRole,       ///< double
        SafeLiftRole,   ///< double
        LowRole,        ///< double: interval of the difference of the shares
        HighRole,       ///< double
        CountRole,      ///< qulonglong
        CountRestRole,  ///< qulonglong
    };
    struct Question {
        ports::Query query;  ///< the rows that are asked about
        TimeRange range;
        ports::Query all;  ///< the rows they are compared with, from which they are taken where `within`
        TimeRange allRange;
        bool within = true;
        std::vector<ports::FieldInfo> fields;
    };
    explicit PredictionDifferences(std::shared_ptr<ports::PredictionLog> log, QObject* parent = nullptr);

    void ask(Question question);
    void clear();
    [[nodiscard]] bool busy() const { return m_latest.running(); }
    [[nodiscard]] const std::vector<PredictionDifference>& differences() const { return m_differences; }
    [[nodiscard]] std::uint64_t rows() const { return m_rows; }          ///< that are asked about
    [[nodiscard]] std::uint64_t restRows() const { return m_restRows; }  ///< compared with
    [[nodiscard]] std::size_t comparisons() const { return m_comparisons; }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

    /// What a comparison looks at: fields that the query itself does not settle.
    [[nodiscard]] static std::vector<ports::FieldInfo> comparedFields(const std::vector<ports::FieldInfo>& fields,
                                                                      const ports::Query& query);
    /// Bins from rows of either side: quintiles of numbers, the most frequent texts.
    [[nodiscard]] static std::vector<ports::FeatureBins> binsOf(const std::vector<ports::FieldInfo>& fields,
                                                                const ports::RowSet& some, const ports::RowSet& all);

Q_SIGNALS:
    void ready();
    void failed(const QString& message);

private:
    struct Samples {
        ports::RowSet some, all;
    };
    struct Counts {
        std::vector<ports::FeatureCounts> some, all;
    };
    void askCounts(const Samples& samples);
    void compare(const std::vector<ports::FeatureBins>& bins, const Counts& counts);

    std::shared_ptr<ports::PredictionLog> m_log;
    Question m_question;
    std::vector<PredictionDifference> m_differences;
    std::uint64_t m_rows = 0, m_restRows = 0;
    std::size_t m_comparisons = 0;
    Latest m_latest;
};

}  // namespace pilothouse::items
