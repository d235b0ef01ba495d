// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <deque>
#include <map>
#include <optional>

#include "models/base/latest.h"
#include "models/items/prediction_facets_model.h"
#include "models/items/prediction_rows_model.h"
#include "models/ports/model_registry.h"

namespace pilothouse::items {

class Session;

/// The answer to a lens, apart from its rows.
struct PredictionSummary {
    TimeRange range;           ///< what was counted
    ports::TimeCounts counts;  ///< split by outcome ("1", "0", "") or by version
    std::vector<Timestamp> edges;
    std::uint64_t matching = 0;        ///< rows of the range that match
    std::optional<std::uint64_t> all;  ///< rows of the range without the filters; not known yet
    ports::ScanStats stats;            ///< of the count
    std::uint64_t newer = 0;           ///< matching rows that came since, while the table stands still
};

/// Why nothing matches.
struct EmptyReason {
    std::uint64_t all = 0;      ///< rows of the range without filters
    std::string clause;         ///< the filter that removed the last rows; empty: there were none to begin with
    std::uint64_t removed = 0;  ///< how many it removed
    std::vector<std::pair<std::string, std::uint64_t>> steps;  ///< filters in order, rows left after each
    ports::PredictionLog::Extent extent;                       ///< of the whole log
};

/// Asks a prediction log what the predictions view shows, through the session's lens. A newer question cancels the
/// older one; while rows stream in, one question runs and one waits. GUI thread.
class PredictionLoader : public QObject {
    Q_OBJECT
public:
    PredictionLoader(Session& session, PredictionRowsModel& rows, PredictionFacetsModel& facets,
                     QObject* parent = nullptr);

    /// What the counts over time are split by: "outcome" (as it begins) or "version". Asks anew where it is another.
    void setSplit(const std::string& field);
    [[nodiscard]] const std::string& split() const { return m_split; }
    /// Newest first (as it begins), oldest first, or the rows with the greatest or least numbers of a field. Asks anew
    /// where it is another.
    void setOrder(const ports::RowOrder& order);
    [[nodiscard]] const ports::RowOrder& order() const { return m_order; }
    /// Rows, and counts over time, for other filters than the lens's: those that are being typed. Rows that are shown
    /// stay until there are others. The lens's own filters end it, as load() does.
    void preview(const std::vector<std::string>& filters);
    [[nodiscard]] bool previewing() const { return m_draft.has_value(); }
    /// Rows are shown, and not all of them are counted yet.
    [[nodiscard]] bool counting() const {
        return m_question.running() || m_pageQuestion.running() || m_patience.isActive();
    }
    /// The lens has changed: everything anew.
    void load();
    /// Rows may have come. `atTop`: the newest rows are in sight, so the table goes along; else they are only counted.
    void follow(bool atTop);
    [[nodiscard]] bool busy() const;
    [[nodiscard]] const PredictionSummary& summary() const { return m_summary; }
    [[nodiscard]] const std::vector<ports::FieldInfo>& fields() const { return m_fields; }
    /// By version; of the lens's model.
    [[nodiscard]] const std::map<std::string, ports::ModelVersion>& versions() const { return m_versions; }
    /// Model and version of the lens, without its filters.
    [[nodiscard]] ports::Query baseQuery() const;
    /// Values of a field that is being typed, into valuesReady().
    void askValues(const QString& field);

Q_SIGNALS:
    void fieldsReady();
    void versionsReady();
    void rowsReady();  ///< the first of them; summaryChanged() follows
    void summaryChanged();
    void explained(const pilothouse::items::EmptyReason& reason);
    void valuesReady(const QString& field, const pilothouse::ports::TopValues& values);
    void failed(const QString& message);
    void idle();

private:
    void askFields();
    void askVersions();
    void askExtent(bool following);
    void askRows(bool following);
    void pageArrived(Result<ports::SearchPage> page);
    [[nodiscard]] bool pageFits() const;
    void askCounts();
    void answered();
    [[nodiscard]] ports::Query query() const;
    void askAll();
    void askNewer();
    void askNextFacet();
    void askFacetBaseline(const std::string& field, ports::TopValues values);
    void explainEmpty();
    void explainNext(std::size_t filter, ports::Query query, std::uint64_t before);
    void refuse(const Error& error);
    [[nodiscard]] TimeRange boundedRange() const;

    /// What was asked for last, and what of the answer is here.
    struct Asked {
        ports::Query query;
        TimeRange range;
        ports::RowOrder order;
        std::vector<Timestamp> edges;
        bool following = false;
        bool shown = false;  ///< the page is, while the counts are not here
        std::optional<ports::SearchPage> page;
        std::optional<ports::TimeCounts> counts;
        std::vector<std::string> columns = {};  ///< of the page
    };

    Session& m_session;
    PredictionRowsModel& m_rows;
    PredictionFacetsModel& m_facets;
    std::vector<ports::FieldInfo> m_fields;
    std::map<std::string, ports::ModelVersion> m_versions;
    std::string m_versionsOf;
    ports::PredictionLog::Extent m_extent;
    PredictionSummary m_summary;
    EmptyReason m_reason;
    std::string m_split{ports::field::outcome};
    ports::RowOrder m_order;
    std::optional<std::vector<std::string>> m_draft;  ///< filters that are being typed
    Asked m_asked;
    QTimer m_patience;
    std::deque<std::string> m_facetQueue;
    bool m_pendingFollow = false, m_pendingAtTop = false;
    QElapsedTimer m_facetsAsked;
    Latest m_fieldsQuestion, m_versionsQuestion, m_question, m_pageQuestion, m_allQuestion, m_newerQuestion,
        m_facetQuestion, m_explainQuestion, m_valuesQuestion;
};

}  // namespace pilothouse::items
