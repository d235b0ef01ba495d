// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/domain_classifier.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <set>

#include "models/statistics/auc_interval.h"
#include "models/statistics/random.h"
#include "models/trees/booster.h"

namespace pilothouse::monitoring {

using ports::Column;
using ports::ColumnType;
using statistics::Random;
using trees::FeatureEncoding;
using trees::FeatureMatrix;

namespace {

/// Few and shallow trees: what must be found is a difference, not every row.
constexpr int kRounds = 40;
constexpr int kDepth = 4;
/// Of a text column so many categories are told apart; rarer ones are missing.
constexpr std::size_t kMostCategories = 255;
/// Odds beyond this tell more of the trees than of the rows.
constexpr double kSurest = 1e-3;

/// Rows of one side that are looked at, with the fold each is held out in.
struct Side {
    std::vector<std::size_t> rows;
    std::vector<std::uint32_t> clusters;  ///< a row each
    std::vector<int> folds;               ///< a row each
};

/// `count` of the numbers below n, ascending.
std::vector<std::size_t> drawn(Random& random, std::size_t n, std::size_t count) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < n && count > 0; ++i)  // selection sampling (Knuth, TAOCP 2, 3.4.2 S)
        if (random.below(n - i) < count) {
            out.push_back(i);
            --count;
        }
    return out;
}

Result<Side> sideOf(const DomainRows& of, const DomainOptions& options, Random& random, const char* name) {
    if (!of.clusters.empty() && of.clusters.size() != of.rows.rows)
        return fail(Error::internal("separateDomains: a cluster a row is expected"));
    Side out;
    out.rows = drawn(random, of.rows.rows, options.mostRows);
    for (const std::size_t row : out.rows)
        out.clusters.push_back(of.clusters.empty() ? static_cast<std::uint32_t>(out.clusters.size())
                                                   : of.clusters[row]);
    const std::set<std::uint32_t> ids(out.clusters.begin(), out.clusters.end());
    const auto folds = static_cast<std::size_t>(options.folds);
    if (ids.size() < folds)
        return fail(Error::invalid("the " + std::string(name) + " has " + std::to_string(ids.size()) +
                                   (of.clusters.empty() ? " rows" : " clusters") + ", at least " +
                                   std::to_string(folds) + " are needed to hold some out"));
    std::vector<std::uint32_t> order(ids.begin(), ids.end());
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
    std::vector<int> foldOf(*ids.rbegin() + std::size_t{1}, 0);
    for (std::size_t i = 0; i < order.size(); ++i)
        foldOf[order[i]] = static_cast<int>(i % folds);
    for (const std::uint32_t id : out.clusters)
        out.folds.push_back(foldOf[id]);
    return out;
}

void count(const Column* column, std::map<std::string, std::size_t>& counts) {
    if (!column) return;
    std::vector<std::size_t> ofCode(column->dictionary.size(), 0);
    for (const std::uint32_t code : column->codes)
        if (code != Column::kMissingCode) ++ofCode[code];
    for (std::size_t i = 0; i < ofCode.size(); ++i)
        counts[column->dictionary[i]] += ofCode[i];
}

/// The most frequent categories, sorted by name.
std::vector<std::string> categoriesOf(const Column* first, const Column* second) {
    std::map<std::string, std::size_t> counts;
    count(first, counts);
    count(second, counts);
    std::vector<std::pair<std::string, std::size_t>> byCount(counts.begin(), counts.end());
    std::ranges::stable_sort(byCount, std::greater(), &std::pair<std::string, std::size_t>::second);
    std::vector<std::string> out;
    for (const auto& [name, n] : byCount)
        if (n > 0 && out.size() < kMostCategories) out.push_back(name);
    std::ranges::sort(out);
    return out;
}

/// Features of both sides: a column that is absent on one is missing there, and of one type where it is on both.
Result<std::vector<FeatureEncoding>> encodingsOf(const ports::RowSet& a, const ports::RowSet& b,
                                                 const std::vector<std::string>& names) {
    std::vector<FeatureEncoding> out;
    for (const std::string& name : names) {
        const Column *first = a.find(name), *second = b.find(name);
        if (first && second && first->type != second->type)
            return fail(Error::invalid("column " + name + " has another type in the current window"));
        const Column* const either = first ? first : second;
        if (!either || either->type == ColumnType::Time) continue;
        out.push_back({name, either->type, categoriesOf(first, second)});
    }
    if (out.empty()) return fail(Error::invalid("no feature is there to tell the rows apart by"));
    return out;
}

/// Rows of both sides as the trees read them: the reference's, then the current window's.
struct Rows {
    std::vector<float> dense;
    std::vector<std::uint8_t> current;
    std::vector<std::uint32_t> clusters;
    std::vector<int> folds;
    std::size_t width = 0;

    Status add(const std::vector<FeatureEncoding>& features, const ports::RowSet& rows, const Side& side) {
        PH_ASSIGN(const FeatureMatrix matrix, FeatureMatrix::bind(features, rows));
        width = matrix.width();
        const std::uint32_t before = clusters.empty() ? 0 : *std::ranges::max_element(clusters) + 1;
        const std::vector<float> values = matrix.dense(side.rows);
        dense.insert(dense.end(), values.begin(), values.end());
        current.resize(current.size() + side.rows.size(), before > 0);
        for (const std::uint32_t id : side.clusters)
            clusters.push_back(before + id);
        folds.insert(folds.end(), side.folds.begin(), side.folds.end());
        return {};
    }
    /// The rows of one fold, or those of all others.
    [[nodiscard]] std::vector<std::size_t> of(int fold, bool others) const {
        std::vector<std::size_t> out;
        for (std::size_t i = 0; i < folds.size(); ++i)
            if ((folds[i] == fold) != others) out.push_back(i);
        return out;
    }
    [[nodiscard]] std::vector<float> values(std::span<const std::size_t> rows) const {
        std::vector<float> out;
        out.reserve(rows.size() * width);
        for (const std::size_t row : rows)
            out.insert(out.end(), dense.begin() + static_cast<std::ptrdiff_t>(row * width),
                       dense.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
        return out;
    }
};

/// Trains on all other folds and gives the probabilities of this one; adds to `gains`.
Status holdOut(const Rows& rows, const std::vector<FeatureEncoding>& features, int fold, std::uint64_t seed,
               const CancellationToken& token, std::vector<double>& probabilities, std::vector<double>& gains) {
    const std::vector<std::size_t> training = rows.of(fold, true), held = rows.of(fold, false);
    std::vector<float> labels;
    for (const std::size_t row : training)
        labels.push_back(rows.current[row] ? 1.F : 0.F);
    trees::BoosterOptions options;
    options.rounds = kRounds;
    options.maxDepth = kDepth;
    options.seed = static_cast<std::uint32_t>(seed & 0x7FFF'FFFF);
    PH_ASSIGN(const auto booster, trees::Booster::train(rows.values(training), labels, features, options, 0,
                                                        [&](int, double) { return token.check(); }));
    std::vector<double> scores(held.size());
    PH_TRY(booster->predict(rows.values(held), scores));
    for (std::size_t i = 0; i < held.size(); ++i)
        probabilities[held[i]] = scores[i];
    PH_ASSIGN(const auto shares, booster->gains());
    for (std::size_t f = 0; f < shares.size(); ++f)
        gains[f] += shares[f];
    return {};
}

std::vector<double> ratios(std::span<const double> probabilities) {
    std::vector<double> out;
    for (const double p : probabilities) {
        const double sure = std::clamp(p, kSurest, 1 - kSurest);
        out.push_back(sure / (1 - sure));
    }
    const double mean = std::accumulate(out.begin(), out.end(), 0.0) / static_cast<double>(out.size());
    for (double& ratio : out)
        ratio /= mean;
    return out;
}

/// Held-out rows of one fold train the others, so that the folds' errors are not independent: where nothing differs,
/// the statistic is Σ yᵢ yⱼ K(xᵢ, xⱼ) over pairs i ≠ j, each counted from both sides, with twice the variance of as
/// many independent terms. (Where much differs this is wider than need be.)
statistics::Interval widened(const statistics::Interval& of) {
    if (std::isnan(of.low) || of.value <= 0 || of.value >= 1) return of;
    const auto logit = [](double p) { return std::log(p / (1 - p)); };
    const auto back = [&](double bound) {
        const double at = logit(of.value) + std::numbers::sqrt2 * (logit(bound) - logit(of.value));
        return 1 / (1 + std::exp(-at));
    };
    return {of.value, back(of.low), back(of.high)};
}

}  // namespace

Result<DomainSeparation> separateDomains(const DomainRows& reference, const DomainRows& current,
                                         const std::vector<std::string>& features, const DomainOptions& options,
                                         const CancellationToken& token) {
    if (options.folds < 2 || options.folds > 20) return fail(Error::invalid("folds: must lie between 2 and 20"));
    PH_ASSIGN(const auto encodings, encodingsOf(reference.rows, current.rows, features));
    Random random(options.seed);
    PH_ASSIGN(Side before, sideOf(reference, options, random, "reference"));
    PH_ASSIGN(Side now, sideOf(current, options, random, "current window"));
    Rows rows;
    PH_TRY(rows.add(encodings, reference.rows, before));
    PH_TRY(rows.add(encodings, current.rows, now));
    std::vector<double> probabilities(rows.folds.size()), gains(encodings.size(), 0);
    for (int fold = 0; fold < options.folds; ++fold)
        PH_TRY(holdOut(rows, encodings, fold, random.next(), token, probabilities, gains));
    DomainSeparation out;
    out.auc = widened(statistics::aucIntervalAnalytic(probabilities, rows.current, rows.clusters));
    for (std::size_t f = 0; f < encodings.size(); ++f)
        out.features.push_back({encodings[f].name, gains[f] / options.folds});
    std::ranges::stable_sort(out.features, std::greater(), &DomainSeparation::Feature::share);
    out.weights = ratios(std::span(probabilities).first(before.rows.size()));
    out.referenceRows = std::move(before.rows);
    out.currentRows = std::move(now.rows);
    return out;
}

}  // namespace pilothouse::monitoring
