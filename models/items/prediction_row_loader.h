// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QObject>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "models/base/latest.h"
#include "models/items/row_neighbours.h"
#include "models/ports/model_registry.h"
#include "models/ports/prediction_log.h"
#include "models/statistics/profile.h"

namespace pilothouse::items {

class Session;

struct Contribution {
    std::string feature;
    double value = 0;  ///< log-odds
};

/// One row with what explains it. Parts arrive one after the other.
struct PredictionRow {
    ports::RowSet row;  ///< one row, all columns
    std::optional<ports::ModelVersion> version;
    std::shared_ptr<const statistics::Profile> profile;  ///< of its version; null: none, or not yet here
    std::vector<Contribution> contributions;             ///< strongest first
    double bias = 0;                                     ///< log-odds before any feature
    std::string unexplained;  ///< why there are no contributions; empty: they are here, or on their way
    using Neighbour = RowNeighbour;
    std::vector<Neighbour> neighbours;  ///< newest first, the row itself among them
    /// What else was logged for the request: other versions that scored it, other models, retries.
    struct Sibling {
        std::string model, version;
        Timestamp time;
        double score = 0, latencyMs = 0;  ///< NaN: missing
        std::string status;
        bool self = false;
    };
    std::vector<Sibling> siblings;  ///< newest first, the row itself among them; at most kMaxSiblings
    static constexpr std::size_t kMaxSiblings = 50;
    std::vector<ports::OutcomeRecord> outcomes;  ///< all that arrived for the request, the one that counts first

    [[nodiscard]] std::string text(std::string_view field) const;
    [[nodiscard]] double number(std::string_view field) const;  ///< NaN: missing
    [[nodiscard]] Timestamp time() const;
};

/// Loads one row and its context from the session's ports; contributions come from the model itself, on a reader
/// thread.
class PredictionRowLoader : public QObject {
    Q_OBJECT
public:
    explicit PredictionRowLoader(Session& session, QObject* parent = nullptr);
    ~PredictionRowLoader() override;
    /// Without its time the whole log is searched. An empty version: any.
    void load(const std::string& model, const std::string& requestId, std::optional<Timestamp> time,
              const std::string& version = {});
    void clear();
    [[nodiscard]] bool busy() const;
    [[nodiscard]] const std::optional<PredictionRow>& row() const { return m_row; }

Q_SIGNALS:
    void changed();
    void failed(const QString& message);

private:
    class Scorers;
    void cancelContext();
    void askVersion();
    void askProfile();
    void askContributions();
    void askNeighbours(const ports::RowPosition& at);
    void askSiblings();
    void gotSiblings(const ports::SearchPage& page);
    void askOutcomes();

    Session& m_session;
    std::optional<PredictionRow> m_row;
    std::map<std::string, std::vector<ports::ModelVersion>> m_versions;
    std::map<std::string, std::shared_ptr<const statistics::Profile>> m_profiles;
    std::shared_ptr<Scorers> m_scorers;
    RowNeighbours m_neighbours;
    Latest m_rowQuestion, m_versionQuestion, m_profileQuestion, m_contributionsQuestion, m_siblingsQuestion,
        m_outcomesQuestion;
};

/// The row as a JSON object: features under their own names, times in ISO 8601, missing values as null.
[[nodiscard]] QByteArray rowJson(const ports::RowSet& rows, std::size_t row);

/// What the reference says of a value.
struct ReferencePlace {
    bool below = false, above = false;  ///< beyond the smallest or largest value of the reference
    bool unseen = false;                ///< a category that the reference never held
    bool missing = false;
    double share = 0;  ///< category: its share in the reference
    [[nodiscard]] bool beyond() const { return below || above || unseen; }
};
[[nodiscard]] ReferencePlace placeOf(const statistics::ColumnProfile& profile, const ports::Column& column,
                                     std::size_t row);

}  // namespace pilothouse::items
