// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_row_loader.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <cmath>
#include <mutex>

#include "models/items/prediction_columns.h"
#include "models/items/session.h"
#include "models/pipelines/scorer.h"
#include "models/predictions/query_parser.h"

namespace pilothouse::items {
namespace {

ports::Query clause(std::string_view field, const std::string& value) {
    auto query = predictions::parseQuery(predictions::equalsClause(field, value));
    return query ? std::move(*query) : ports::Query{};
}

}  // namespace

/// Loaded models, the last few of them. A scorer serves one thread at a time; so does this.
class PredictionRowLoader::Scorers {
public:
    struct Explained {
        std::vector<Contribution> contributions;
        double bias = 0;
    };
    Result<Explained> explain(const workspace::Workspace& workspace, const ports::ModelVersion& version,
                              const ports::RowSet& row) {
        const std::lock_guard lock(m_mutex);
        const auto key = version.model + '/' + version.version;
        auto it = std::find_if(m_loaded.begin(), m_loaded.end(), [&](const auto& s) { return s.first == key; });
        if (it == m_loaded.end()) {
            PH_ASSIGN(auto scorer, pipelines::Scorer::load(workspace, version));
            if (m_loaded.size() >= 4) m_loaded.erase(m_loaded.begin());
            m_loaded.emplace_back(key, std::move(scorer));
            it = std::prev(m_loaded.end());
        }
        PH_ASSIGN(const auto values, it->second->contributions(row, 0));
        Explained result;
        for (std::size_t i = 0; i < version.features.size() && i < values.size(); ++i)
            result.contributions.push_back({version.features[i], values[i]});
        if (values.size() > version.features.size()) result.bias = values.back();
        std::stable_sort(
            result.contributions.begin(), result.contributions.end(),
            [](const Contribution& a, const Contribution& b) { return std::abs(a.value) > std::abs(b.value); });
        return result;
    }

private:
    std::mutex m_mutex;
    std::vector<std::pair<std::string, std::unique_ptr<pipelines::Scorer>>> m_loaded;
};

std::string PredictionRow::text(std::string_view field) const {
    const ports::Column* c = row.find(field);
    return c && c->type == ports::ColumnType::Text && row.rows > 0 ? std::string(c->text(0)) : std::string();
}

double PredictionRow::number(std::string_view field) const {
    return row.rows > 0 ? rowNumber(row, field, 0) : std::nan("");
}

Timestamp PredictionRow::time() const {
    const ports::Column* c = row.find(ports::field::time);
    return c && c->type == ports::ColumnType::Time && !c->times.empty() ? Timestamp{c->times.front()} : Timestamp{};
}

PredictionRowLoader::PredictionRowLoader(Session& session, QObject* parent)
    : QObject(parent),
      m_session(session),
      m_scorers(std::make_shared<Scorers>()),
      m_neighbours(session.ports().predictions) {
    connect(&m_neighbours, &RowNeighbours::found, this, [this](const std::vector<RowNeighbour>& rows) {
        m_row->neighbours = rows;
        Q_EMIT changed();
    });
}
PredictionRowLoader::~PredictionRowLoader() = default;

bool PredictionRowLoader::busy() const {
    return m_rowQuestion.running() || m_versionQuestion.running() || m_profileQuestion.running() ||
           m_contributionsQuestion.running() || m_siblingsQuestion.running() || m_outcomesQuestion.running() ||
           m_neighbours.running();
}

void PredictionRowLoader::cancelContext() {
    for (Latest* question :
         {&m_versionQuestion, &m_profileQuestion, &m_contributionsQuestion, &m_siblingsQuestion, &m_outcomesQuestion})
        question->cancel();
    m_neighbours.cancel();
}

void PredictionRowLoader::clear() {
    m_rowQuestion.cancel();
    cancelContext();
    if (!m_row) return;
    m_row.reset();
    Q_EMIT changed();
}

void PredictionRowLoader::load(const std::string& model, const std::string& requestId, std::optional<Timestamp> time,
                               const std::string& version) {
    cancelContext();
    ports::SearchRequest request;
    request.query = clause(ports::field::requestId, requestId);
    if (!model.empty()) request.query = predictions::conjunction(clause(ports::field::model, model), request.query);
    if (!version.empty())
        request.query = predictions::conjunction(request.query, clause(ports::field::version, version));
    if (time) request.range = {*time, *time + Duration(1)};
    request.limit = 1;
    m_rowQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->search(std::move(request), std::move(token));
        },
        [this, requestId](Result<ports::SearchPage> page) {
            if (!page) return Q_EMIT failed(QString::fromStdString(page.error().text()));
            if (page->rows.rows == 0)
                return Q_EMIT failed(u"The row "_qs + QString::fromStdString(requestId) +
                                     u" is not in the log any more"_qs);
            m_row.emplace();
            m_row->row = std::move(page->rows);
            Q_EMIT changed();
            askVersion();
            if (!page->positions.empty()) askNeighbours(page->positions.front());
            askSiblings();
            askOutcomes();
        });
}

void PredictionRowLoader::askVersion() {
    const std::string model = m_row->text(ports::field::model), name = m_row->text(ports::field::version);
    if (name.empty()) {
        m_row->unexplained = "history: no model has scored this row";
        Q_EMIT changed();
        return;
    }
    const auto use = [this, name](const std::vector<ports::ModelVersion>& versions) {
        for (const ports::ModelVersion& v : versions)
            if (v.version == name) m_row->version = v;
        if (!m_row->version) {
            m_row->unexplained = "the version " + name + " is not in the registry";
            return Q_EMIT changed();
        }
        Q_EMIT changed();
        askProfile();
        askContributions();
    };
    const auto known = m_versions.find(model);
    if (known != m_versions.end() &&
        std::any_of(known->second.begin(), known->second.end(), [&](const auto& v) { return v.version == name; }))
        return use(known->second);
    if (!m_session.ports().registry) return;
    m_versionQuestion.start(
        this, [&](CancellationToken token) { return m_session.ports().registry->versions(model, std::move(token)); },
        [this, model, use](Result<std::vector<ports::ModelVersion>> versions) {
            if (!versions) {
                m_row->unexplained = versions.error().text();
                return Q_EMIT changed();
            }
            use(m_versions[model] = std::move(*versions));
        });
}

void PredictionRowLoader::askProfile() {
    const std::string model = m_row->version->model, version = m_row->version->version, key = model + '/' + version;
    if (const auto known = m_profiles.find(key); known != m_profiles.end()) {
        m_row->profile = known->second;
        return Q_EMIT changed();
    }
    if (!m_session.ports().monitors) return;
    m_profileQuestion.start(
        this,
        [&](CancellationToken token) { return m_session.ports().monitors->profile(model, version, std::move(token)); },
        [this, key](Result<statistics::Profile> profile) {
            if (!profile) return;  // the values then stand without their reference
            m_row->profile = m_profiles[key] = std::make_shared<const statistics::Profile>(std::move(*profile));
            Q_EMIT changed();
        });
}

void PredictionRowLoader::askContributions() {
    m_contributionsQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.workspace().read(
                std::move(token),
                [scorers = m_scorers, &workspace = m_session.workspace(), version = *m_row->version,
                 row = m_row->row](workspace::Database&) { return scorers->explain(workspace, version, row); });
        },
        [this](Result<Scorers::Explained> explained) {
            if (explained) {
                m_row->contributions = std::move(explained->contributions);
                m_row->bias = explained->bias;
            } else {
                m_row->unexplained = explained.error().text();
            }
            Q_EMIT changed();
        });
}

void PredictionRowLoader::askNeighbours(const ports::RowPosition& at) {
    std::vector<std::string> columns;
    for (const ports::Column& c : m_row->row.columns)
        columns.push_back(c.name);
    m_neighbours.ask(m_row->text(ports::field::model), at,
                     {m_row->time(), m_row->text(ports::field::requestId), rowTitle(m_row->row, 0),
                      m_row->number(ports::field::score), m_row->number(ports::field::outcome), true},
                     columns);
}

void PredictionRowLoader::askSiblings() {
    ports::SearchRequest request;
    request.query = clause(ports::field::requestId, m_row->text(ports::field::requestId));
    request.limit = PredictionRow::kMaxSiblings;
    for (const std::string_view f : {ports::field::time, ports::field::model, ports::field::version,
                                     ports::field::score, ports::field::latencyMs, ports::field::status})
        if (m_row->row.find(f)) request.columns.emplace_back(f);  // a log may lack some
    m_siblingsQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->search(std::move(request), std::move(token));
        },
        [this](Result<ports::SearchPage> page) {
            if (page) gotSiblings(*page);
        });
}

void PredictionRowLoader::gotSiblings(const ports::SearchPage& page) {
    const ports::Column* const times = page.rows.find(ports::field::time);
    if (!times) return;
    const std::string model = m_row->text(ports::field::model), version = m_row->text(ports::field::version);
    m_row->siblings.clear();
    for (std::size_t i = 0; i < page.rows.rows; ++i) {
        const auto textOf = [&](std::string_view field) {
            const ports::Column* c = page.rows.find(field);
            return c && c->type == ports::ColumnType::Text && !c->missing(i) ? std::string(c->text(i)) : std::string();
        };
        PredictionRow::Sibling sibling{textOf(ports::field::model),
                                       textOf(ports::field::version),
                                       {times->times[i]},
                                       rowNumber(page.rows, ports::field::score, i),
                                       rowNumber(page.rows, ports::field::latencyMs, i),
                                       textOf(ports::field::status),
                                       false};
        sibling.self = sibling.model == model && sibling.version == version && sibling.time == m_row->time();
        m_row->siblings.push_back(std::move(sibling));
    }
    Q_EMIT changed();
}

void PredictionRowLoader::askOutcomes() {
    m_outcomesQuestion.start(
        this,
        [&](CancellationToken token) {
            return m_session.ports().predictions->outcomeHistory(
                m_row->text(ports::field::model), m_row->text(ports::field::requestId), std::move(token));
        },
        [this](Result<std::vector<ports::OutcomeRecord>> records) {
            if (!records) return;  // the outcome itself stands in the row
            m_row->outcomes = std::move(*records);
            Q_EMIT changed();
        });
}

QByteArray rowJson(const ports::RowSet& rows, std::size_t row) {
    QJsonObject object;
    for (const ports::Column& c : rows.columns) {
        const QString name = QString::fromStdString(c.name);
        if (row >= c.size() || c.missing(row)) {
            object[name] = QJsonValue::Null;
        } else if (c.type == ports::ColumnType::Number) {
            object[name] = c.numbers[row];
        } else if (c.type == ports::ColumnType::Time) {
            object[name] = QString::fromStdString(Timestamp{c.times[row]}.toIso());
        } else {
            object[name] = QString::fromStdString(std::string(c.text(row)));
        }
    }
    return QJsonDocument(object).toJson(QJsonDocument::Indented);
}

ReferencePlace placeOf(const statistics::ColumnProfile& profile, const ports::Column& column, std::size_t row) {
    ReferencePlace place;
    place.missing = column.missing(row);
    if (place.missing) return place;
    if (profile.kind == statistics::ColumnKind::Numeric && column.type == ports::ColumnType::Number) {
        place.below = column.numbers[row] < profile.min;
        place.above = column.numbers[row] > profile.max;
    } else if (profile.kind == statistics::ColumnKind::Categorical && column.type == ports::ColumnType::Text) {
        const std::string value(column.text(row));
        const auto it = std::find(profile.categories.begin(), profile.categories.end(), value);
        const double total = static_cast<double>(profile.n - std::min(profile.n, profile.missing));
        if (it != profile.categories.end() && total > 0)
            place.share =
                static_cast<double>(profile.counts[static_cast<std::size_t>(it - profile.categories.begin())]) / total;
        place.unseen = it == profile.categories.end() &&
                       std::find(profile.rest.begin(), profile.rest.end(), value) == profile.rest.end();
    }
    return place;
}

}  // namespace pilothouse::items
