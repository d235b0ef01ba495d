// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/drift_matrix_model.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace pilothouse::items {
namespace {

constexpr const char* kScoreName = "score";
constexpr const char* kQualityName = "data quality";

bool isDistribution(const ports::Finding& finding) { return finding.check != "missing" && finding.check != "unseen"; }

const ports::Finding* worst(const ports::Evaluation& evaluation) {
    const ports::Finding* result = nullptr;
    for (const ports::Finding& f : evaluation.findings) {
        const int a = attention(f.verdict.state), b = result ? attention(result->verdict.state) : -1;
        if (a > b || (a == b && f.verdict.effect > result->verdict.effect)) result = &f;
    }
    return result;
}

double medianEffect(const std::vector<std::vector<DriftCell>>& cells) {
    std::vector<double> effects;
    for (const auto& column : cells)
        for (const DriftCell& c : column)
            if (c.finding && !std::isnan(c.finding->verdict.effect)) effects.push_back(c.finding->verdict.effect);
    if (effects.empty()) return -1;
    const auto middle = effects.begin() + static_cast<std::ptrdiff_t>(effects.size() / 2);
    std::nth_element(effects.begin(), middle, effects.end());
    return *middle;
}

QVariant number(double value) { return std::isnan(value) ? QVariant() : QVariant(value); }

}  // namespace

int attention(statistics::State state) {
    switch (state) {
        case statistics::State::Ok:
            return 0;
        case statistics::State::Unavailable:
            return 1;
        case statistics::State::Insufficient:
            return 2;
        case statistics::State::Drift:
            return 3;
    }
    return 0;
}

DriftMatrixModel::DriftMatrixModel(QObject* parent) : QAbstractTableModel(parent) {}

void DriftMatrixModel::setEvaluations(Evaluations evaluations) {
    std::vector<TimeRange> windows;
    std::vector<const ports::Evaluation*> columns;
    if (evaluations) {
        for (const ports::Evaluation& e : *evaluations)
            if (e.kind == "drift" && (windows.empty() || windows.back() != e.window)) {
                windows.push_back(e.window);
                columns.push_back(&e);
            }
        // Before there was a reference nothing could be judged: no columns for that.
        const auto judged = [](const ports::Evaluation* e) {
            return std::any_of(e->findings.begin(), e->findings.end(),
                               [](const auto& f) { return !f.feature.empty(); });
        };
        const auto lead = std::find_if(columns.begin(), columns.end(), judged) - columns.begin();
        windows.erase(windows.begin(), windows.begin() + lead);
        columns.erase(columns.begin(), columns.begin() + lead);
        if (windows.size() > kMaxColumns) {
            const auto surplus = static_cast<std::ptrdiff_t>(windows.size() - kMaxColumns);
            windows.erase(windows.begin(), windows.begin() + surplus);
            columns.erase(columns.begin(), columns.begin() + surplus);
        }
    }
    auto rows = windows.empty()                 ? std::vector<Row>()
                : m_content == Content::Quality ? qualityRows(windows, *evaluations)
                                                : buildRows(windows, *evaluations);
    beginResetModel();
    m_evaluations = std::move(evaluations);
    m_windows = std::move(windows);
    m_columns = std::move(columns);
    m_rows = std::move(rows);
    endResetModel();
}

void DriftMatrixModel::setContent(Content content) {
    if (content == m_content) return;
    m_content = content;
    if (m_evaluations) setEvaluations(m_evaluations);
}

std::vector<DriftMatrixModel::Row> DriftMatrixModel::qualityRows(const std::vector<TimeRange>& windows,
                                                                 const std::vector<ports::Evaluation>& all) {
    std::map<QString, Row> rows;
    for (const ports::Evaluation& e : all) {
        if (e.kind != "quality" && e.kind != "traffic") continue;
        const auto it = std::upper_bound(windows.begin(), windows.end(), e.window.start,
                                         [](Timestamp a, const TimeRange& b) { return a < b.start; });
        if (it == windows.begin() || !std::prev(it)->contains(e.window.start)) continue;
        const auto column = static_cast<std::size_t>(std::prev(it) - windows.begin());
        for (const ports::Finding& f : e.findings) {
            const QString name = QString::fromStdString(f.feature.empty() ? f.check : f.feature + ", " + f.check);
            Row& row = rows.try_emplace(name, Row{name, RowKind::Quality, {}, 0}).first->second;
            row.cells.resize(windows.size());
            row.cells[column].push_back({&e, &f, nullptr});
            row.order += f.verdict.state == statistics::State::Drift ? 1 : 0;
        }
    }
    std::vector<Row> out;
    for (auto& [name, row] : rows)
        out.push_back(std::move(row));
    std::stable_sort(out.begin(), out.end(), [](const Row& a, const Row& b) { return a.order > b.order; });
    return out;
}

std::vector<DriftMatrixModel::Row> DriftMatrixModel::buildRows(const std::vector<TimeRange>& windows,
                                                               const std::vector<ports::Evaluation>& all) const {
    std::vector<Row> features;
    Row score{QString::fromLatin1(kScoreName), RowKind::Score, {}, 0};
    Row quality{QString::fromLatin1(kQualityName), RowKind::Quality, {}, 0};
    score.cells.resize(windows.size());
    quality.cells.resize(windows.size());
    const auto columnAt = [&](Timestamp t) -> std::optional<std::size_t> {
        const auto it = std::upper_bound(windows.begin(), windows.end(), t,
                                         [](Timestamp a, const TimeRange& b) { return a < b.start; });
        if (it == windows.begin() || !std::prev(it)->contains(t)) return std::nullopt;
        return static_cast<std::size_t>(std::prev(it) - windows.begin());
    };
    const auto featureRow = [&](const std::string& name) -> Row& {
        const QString text = QString::fromStdString(name);
        for (Row& r : features)
            if (r.name == text) return r;
        features.push_back({text, RowKind::Feature, {}, 0});
        features.back().cells.resize(windows.size());
        return features.back();
    };
    for (const ports::Evaluation& e : all) {
        const auto column = columnAt(e.window.start);
        if (!column) continue;
        if (e.kind == "quality") {
            quality.cells[*column].push_back({&e, worst(e), nullptr});
        } else if (e.kind == "score") {
            const auto found = std::find_if(e.findings.begin(), e.findings.end(),
                                            [](const ports::Finding& f) { return isDistribution(f); });
            score.cells[*column].push_back({&e, found == e.findings.end() ? nullptr : &*found, nullptr});
        } else if (e.kind == "drift") {
            for (const ports::Finding& f : e.findings) {
                if (f.feature.empty()) continue;
                auto& cells = featureRow(f.feature).cells[*column];
                if (cells.empty()) cells.push_back({&e, nullptr, nullptr});
                if (isDistribution(f)) {
                    cells.front().finding = &f;
                } else if (f.check == "missing") {
                    cells.front().missing = &f;
                }
            }
        }
    }
    // A window that could not be judged at all says so for each of its features.
    for (const ports::Evaluation& e : all) {
        const auto column = e.kind == "drift" ? columnAt(e.window.start) : std::nullopt;
        if (!column || e.findings.size() != 1 || !e.findings.front().feature.empty()) continue;
        for (Row& r : features)
            if (r.cells[*column].empty()) r.cells[*column].push_back({&e, &e.findings.front(), nullptr});
    }
    for (Row& r : features)
        r.order = medianEffect(r.cells);
    std::stable_sort(features.begin(), features.end(), [](const Row& a, const Row& b) { return a.order > b.order; });
    const auto any = [](const Row& row) {
        return std::any_of(row.cells.begin(), row.cells.end(), [](const auto& c) { return !c.empty(); });
    };
    if (any(score)) features.push_back(std::move(score));
    if (any(quality)) features.push_back(std::move(quality));
    return features;
}

int DriftMatrixModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int DriftMatrixModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_windows.size());
}

bool DriftMatrixModel::valid(int row, int column) const {
    return row >= 0 && row < rowCount() && column >= 0 && column < columnCount();
}

QVariant DriftMatrixModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || !valid(index.row(), index.column())) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case FeatureRole:
            return row.name;
        case RowKindRole:
            return static_cast<int>(row.kind);
        case WindowStartRole:
            return static_cast<qint64>(window(index.column()).start.ns);
        case WindowEndRole:
            return static_cast<qint64>(window(index.column()).end.ns);
        default:
            break;
    }
    const DriftCell c = cell(index.row(), index.column());
    if (c.evaluation && role == EvaluationRole) return static_cast<qint64>(c.evaluation->id);
    if (!c.finding) return {};
    const statistics::Verdict& v = c.finding->verdict;
    switch (role) {
        case Qt::DisplayRole:
        case EffectRole:
            return number(v.effect);
        case StateRole:
            return QString::fromLatin1(statistics::toString(v.state));
        case SeverityRole:
            return QString::fromLatin1(ports::toString(c.finding->severity));
        case EffectLowRole:
            return number(v.effectLow);
        case EffectHighRole:
            return number(v.effectHigh);
        case MinimumEffectRole:
            return number(v.minimumEffect);
        case MethodRole:
            return QString::fromStdString(v.method);
        case ReasonRole:
            return QString::fromStdString(v.reason);
        case MissingDriftRole:
            return c.missing && c.missing->verdict.state == statistics::State::Drift;
        default:
            return {};
    }
}

QVariant DriftMatrixModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical) {
        if (section < 0 || section >= rowCount()) return {};
        if (role == Qt::DisplayRole || role == FeatureRole) return feature(section);
        return {};
    }
    if (section < 0 || section >= columnCount()) return {};
    if (role == Qt::DisplayRole) return QString::fromStdString(window(section).start.toIso());
    if (role == WindowStartRole) return static_cast<qint64>(window(section).start.ns);
    if (role == WindowEndRole) return static_cast<qint64>(window(section).end.ns);
    return {};
}

QString DriftMatrixModel::feature(int row) const {
    return row >= 0 && row < rowCount() ? m_rows[static_cast<std::size_t>(row)].name : QString();
}

DriftMatrixModel::RowKind DriftMatrixModel::rowKind(int row) const {
    return row >= 0 && row < rowCount() ? m_rows[static_cast<std::size_t>(row)].kind : RowKind::Feature;
}

int DriftMatrixModel::rowOf(const QString& feature) const {
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        if (m_rows[i].name == feature) return static_cast<int>(i);
    return -1;
}

TimeRange DriftMatrixModel::window(int column) const {
    return column >= 0 && column < columnCount() ? m_windows[static_cast<std::size_t>(column)] : TimeRange{};
}

int DriftMatrixModel::columnOf(const TimeRange& range) const {
    for (int i = columnCount() - 1; i >= 0; --i)
        if (range.start <= window(i).start && window(i).end <= range.end) return i;
    for (int i = columnCount() - 1; i >= 0; --i)
        if (window(i).overlaps(range)) return i;
    return -1;
}

const ports::Evaluation* DriftMatrixModel::evaluation(int column) const {
    return column >= 0 && column < columnCount() ? m_columns[static_cast<std::size_t>(column)] : nullptr;
}

const std::vector<DriftCell>& DriftMatrixModel::days(int row, int column) const {
    static const std::vector<DriftCell> none;
    if (!valid(row, column)) return none;
    return m_rows[static_cast<std::size_t>(row)].cells[static_cast<std::size_t>(column)];
}

DriftCell DriftMatrixModel::cell(int row, int column) const {
    DriftCell result;
    for (const DriftCell& c : days(row, column)) {
        if (!c.finding) {
            if (!result.evaluation) result = c;
            continue;
        }
        const int a = attention(c.finding->verdict.state),
                  b = result.finding ? attention(result.finding->verdict.state) : -1;
        if (a > b || (a == b && c.finding->verdict.effect > result.finding->verdict.effect)) result = c;
    }
    return result;
}

std::optional<Timestamp> DriftMatrixModel::driftSince(int row, int column) const {
    std::optional<Timestamp> since;
    for (int i = column; i >= 0; --i) {
        const DriftCell c = cell(row, i);
        if (!c.finding || c.finding->verdict.state != statistics::State::Drift) break;
        since = window(i).start;
    }
    return since;
}

}  // namespace pilothouse::items
