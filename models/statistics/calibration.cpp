// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/statistics/performance.h"
#include "models/statistics/random.h"

namespace pilothouse::statistics {

namespace {

constexpr int kSplits = 10;
constexpr std::size_t kBins = 10, kLeastRows = 40;

struct Block {
    double sum, weight;
    std::size_t last;  ///< index of the last distinct score in it
    [[nodiscard]] double mean() const { return sum / weight; }
};

/// Mean |probability - share| over bins of equal count, weighted by count; the last bin takes what is left over.
double equalCountError(std::vector<std::pair<double, double>> rows) {
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const std::size_t width = rows.size() / kBins;
    double error = 0;
    for (std::size_t b = 0; b < kBins; ++b) {
        double gap = 0;
        for (std::size_t i = b * width; i < (b + 1 == kBins ? rows.size() : (b + 1) * width); ++i)
            gap += rows[i].first - rows[i].second;
        error += std::abs(gap);
    }
    return error / static_cast<double>(rows.size());
}

/// Marks a tenth of each class.
std::vector<std::uint8_t> stratifiedTenth(std::span<const std::uint8_t> outcomes, Random& random) {
    std::vector<std::uint8_t> held(outcomes.size(), 0);
    for (const bool positive : {false, true}) {
        std::vector<std::size_t> rows;
        for (std::size_t i = 0; i < outcomes.size(); ++i)
            if ((outcomes[i] != 0) == positive) rows.push_back(i);
        const std::size_t take = (rows.size() + 5) / 10;
        for (std::size_t i = 0; i < take; ++i) {
            std::swap(rows[i], rows[i + random.below(rows.size() - i)]);
            held[rows[i]] = 1;
        }
    }
    return held;
}

}  // namespace

Result<Isotonic> Isotonic::fit(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    if (scores.size() != outcomes.size()) return fail(Error::invalid("scores and outcomes differ in length"));
    if (scores.empty()) return fail(Error::invalid("there is nothing to calibrate on"));
    std::vector<std::pair<double, double>> rows;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (!std::isfinite(scores[i])) return fail(Error::invalid("row " + std::to_string(i) + " has no finite score"));
        rows.emplace_back(scores[i], outcomes[i] != 0 ? 1 : 0);
    }
    std::sort(rows.begin(), rows.end());
    std::vector<double> distinct;
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < rows.size();) {
        Block block{0, 0, distinct.size()};
        const double score = rows[i].first;
        for (; i < rows.size() && rows[i].first == score; ++i) {
            block.sum += rows[i].second;
            block.weight += 1;
        }
        distinct.push_back(score);
        while (!blocks.empty() && blocks.back().mean() >= block.mean()) {
            block.sum += blocks.back().sum;
            block.weight += blocks.back().weight;
            blocks.pop_back();
        }
        blocks.push_back(block);
    }
    Isotonic out;
    std::size_t first = 0;
    for (const Block& block : blocks) {
        out.m_scores.push_back(distinct[first]);
        out.m_shares.push_back(block.mean());
        if (block.last > first) {
            out.m_scores.push_back(distinct[block.last]);
            out.m_shares.push_back(block.mean());
        }
        first = block.last + 1;
    }
    return out;
}

double Isotonic::operator()(double score) const {
    if (std::isnan(score)) return score;
    const auto above = std::lower_bound(m_scores.begin(), m_scores.end(), score);
    if (above == m_scores.begin()) return m_shares.front();
    if (above == m_scores.end()) return m_shares.back();
    const auto i = static_cast<std::size_t>(above - m_scores.begin());
    const double slope = (m_shares[i] - m_shares[i - 1]) / (m_scores[i] - m_scores[i - 1]);
    return m_shares[i - 1] + slope * (score - m_scores[i - 1]);
}

bool needsCalibration(std::span<const double> scores, std::span<const std::uint8_t> outcomes, std::uint64_t seed) {
    const double auc = rocAuc(scores, outcomes);
    if (scores.size() < kLeastRows || std::isnan(auc) || auc > 0.999) return false;
    Random random(seed);
    std::vector<std::pair<double, double>> before, after;
    for (int split = 0; split < kSplits; ++split) {
        const auto held = stratifiedTenth(outcomes, random);
        std::vector<double> trainScores;
        std::vector<std::uint8_t> trainOutcomes;
        for (std::size_t i = 0; i < scores.size(); ++i)
            if (held[i] == 0) {
                trainScores.push_back(scores[i]);
                trainOutcomes.push_back(outcomes[i]);
            }
        const auto map = Isotonic::fit(trainScores, trainOutcomes);
        if (!map) return false;
        for (std::size_t i = 0; i < scores.size(); ++i)
            if (held[i] != 0) {
                const double outcome = outcomes[i] != 0 ? 1 : 0;
                before.emplace_back(scores[i], outcome);
                after.emplace_back((*map)(scores[i]), outcome);
            }
    }
    return equalCountError(std::move(before)) > equalCountError(std::move(after));
}

}  // namespace pilothouse::statistics
