// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/share_distance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "models/base/vector_state.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

bool usable(std::span<const double> p, std::span<const double> q) {
    const auto bad = [](double x) { return !(x >= 0) || std::isinf(x); };
    return p.size() == q.size() && !p.empty() && std::none_of(p.begin(), p.end(), bad) &&
           std::none_of(q.begin(), q.end(), bad);
}

double sum(std::span<const double> p) { return std::accumulate(p.begin(), p.end(), 0.0); }

double jensenShannonIn(std::span<const double> p, std::span<const double> q, double unit) {
    if (!usable(p, q)) return kNaN;
    const double totalP = sum(p), totalQ = sum(q);
    if (!(totalP > 0) || !(totalQ > 0)) return kNaN;
    clearVectorState();
    double divergence = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double x = p[i] / totalP, y = q[i] / totalQ, middle = (x + y) / 2;
        if (x > 0) divergence += x * std::log(x / middle);
        if (y > 0) divergence += y * std::log(y / middle);
    }
    return std::sqrt(std::max(0.0, divergence) / 2 / unit);
}

std::vector<double> smooth(std::span<const std::uint64_t> counts, double total, Smoothing smoothing) {
    const double more = smoothing == Smoothing::Jeffreys ? 0.5 : 0;
    const double all = total + more * static_cast<double>(counts.size());
    std::vector<double> out;
    out.reserve(counts.size());
    double smallest = 1;
    for (const std::uint64_t c : counts) {
        out.push_back((static_cast<double>(c) + more) / all);
        if (c > 0) smallest = std::min(smallest, out.back());
    }
    if (smoothing == Smoothing::Evidently)
        std::replace(out.begin(), out.end(), 0.0, smallest <= 0.0001 ? smallest / 1e6 : 0.0001);
    return out;
}

}  // namespace

Result<Shares> sharesOf(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current,
                        Smoothing smoothing) {
    if (reference.size() != current.size())
        return fail(Error::invalid("the reference has " + std::to_string(reference.size()) +
                                   " bins, the current side " + std::to_string(current.size())));
    const auto total = [](std::span<const std::uint64_t> counts) {
        double all = 0;
        for (const std::uint64_t c : counts)
            all += static_cast<double>(c);
        return all;
    };
    const double rows = total(reference), now = total(current);
    if (rows == 0) return fail(Error::invalid("the reference has no rows"));
    if (now == 0) return fail(Error::invalid("the current side has no rows"));
    return Shares{smooth(reference, rows, smoothing), smooth(current, now, smoothing)};
}

double jensenShannon(std::span<const double> p, std::span<const double> q) {
    return jensenShannonIn(p, q, std::numbers::ln2);
}

double jensenShannonNatural(std::span<const double> p, std::span<const double> q) { return jensenShannonIn(p, q, 1); }

double populationStability(std::span<const double> p, std::span<const double> q) {
    if (!usable(p, q)) return kNaN;
    clearVectorState();
    double index = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        if (p[i] == q[i]) continue;
        if (p[i] == 0 || q[i] == 0) return std::numeric_limits<double>::infinity();
        index += (p[i] - q[i]) * std::log(p[i] / q[i]);
    }
    return index;
}

double hellinger(std::span<const double> p, std::span<const double> q) {
    if (!usable(p, q)) return kNaN;
    double squares = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double d = std::sqrt(p[i]) - std::sqrt(q[i]);
        squares += d * d;
    }
    return std::sqrt(squares / 2);
}

double largestDifference(std::span<const double> p, std::span<const double> q) {
    if (!usable(p, q)) return kNaN;
    double most = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        most = std::max(most, std::abs(p[i] - q[i]));
    return most;
}

double energyOnBins(std::span<const double> p, std::span<const double> q, std::span<const double> places) {
    const auto infinite = [](double x) { return !std::isfinite(x); };
    if (!usable(p, q) || places.size() != p.size() || std::any_of(places.begin(), places.end(), infinite) ||
        !std::is_sorted(places.begin(), places.end()))
        return kNaN;
    double difference = 0, squares = 0;
    for (std::size_t i = 0; i + 1 < p.size(); ++i) {
        difference += p[i] - q[i];
        squares += difference * difference * (places[i + 1] - places[i]);
    }
    return std::sqrt(2 * squares);
}

}  // namespace pilothouse::statistics
