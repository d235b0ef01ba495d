// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/statistics_methods.h"

#include <algorithm>
#include <cmath>

#include "models/statistics/contingency.h"
#include "models/statistics/distance.h"
#include "models/statistics/kolmogorov_smirnov.h"
#include "models/statistics/peer_bins.h"
#include "models/statistics/rank_tests.h"
#include "models/statistics/sample_distance.h"
#include "models/statistics/share_distance.h"
#include "tests/bench/statistics_peer_rules.h"

namespace pilothouse::bench {

using namespace statistics;

namespace {

/// Of the cumulated shares, one term a bin; h is the share of both together, `above` of all bins up to this one.
template <class Term>
double overBins(const Comparison& c, Term term) {
    const double a = c.nReference / (c.nReference + c.nCurrent);
    double difference = 0, above = 0, sum = 0;
    for (std::size_t i = 0; i + 1 < c.reference.size(); ++i) {
        const double h = a * c.reference[i] + (1 - a) * c.current[i];
        difference += c.reference[i] - c.current[i];
        above += h;
        sum = term(sum, difference, h, above);
    }
    return sum;
}

void addNumericOnBins(const Comparison& c, std::vector<MethodValue>& out) {
    out.push_back({"KS on bins", true,
                   overBins(c, [](double most, double d, double, double) { return std::max(most, std::abs(d)); })});
    out.push_back(
        {"CvM on bins", true, overBins(c, [](double sum, double d, double h, double) { return sum + d * d * h; })});
    out.push_back({"AD on bins", true, overBins(c, [](double sum, double d, double h, double up) {
                       return up > 0 && up < 1 ? sum + d * d * h / (up * (1 - up)) : sum;
                   })});
    out.push_back({"energy on bins", true, energyOnBins(c.reference, c.current, c.places)});
}

void addOnBins(const ColumnProfile& profile, const CurrentCounts& counts, std::vector<MethodValue>& out) {
    const auto shares = sharesOf(profile.counts, counts.counts);
    if (!shares) return;
    const auto& [p, q] = *shares;
    out.push_back({"JS on bins", true, jensenShannon(p, q)});
    out.push_back({"PSI on bins", true, populationStability(p, q)});
    out.push_back({"Hellinger on bins", true, hellinger(p, q)});
    const auto chi = chiSquare(profile.counts, counts.counts, false);
    out.push_back({"chi2 on bins", true, chi ? chi->statistic : 0});
}

void addSamples(const SortedSample& a, const SortedSample& b, std::vector<MethodValue>& out) {
    const auto statistic = [](const auto& result) { return result ? result->statistic : kNaN; };
    const auto of = [](const auto& shares, auto distance) {
        return shares ? distance(shares->reference, shares->current) : kNaN;
    };
    out.push_back({"KS", false, statistic(kolmogorovSmirnov(a, b, PValue::Asymptotic))});
    const SortedSample both[] = {a, b};
    out.push_back({"AD", false, statistic(andersonDarling(both))});
    out.push_back({"CvM", false, statistic(cramerVonMises(a, b, PValue::Asymptotic))});
    out.push_back({"Wasserstein", false, wassersteinEvidently(a, b).value_or(kNaN)});
    out.push_back({"energy", false, energyDistance(a, b).value_or(kNaN)});
    const auto rank = mannWhitney(a, b, PValue::Asymptotic);
    out.push_back({"Mann-Whitney", false, rank ? -rank->pValue : kNaN});
    out.push_back({"JS, Evidently", false, of(sharesEvidently(a, b, false), jensenShannonNatural)});
    out.push_back({"PSI, Evidently", false, of(sharesEvidently(a, b, true), populationStability)});
    out.push_back({"Hellinger, Evidently", false, hellingerEvidently(a, b).value_or(kNaN)});
    out.push_back({"JS, NannyML", false, of(sharesNannyml(a, b), jensenShannon)});
    out.push_back({"Hellinger, NannyML", false, of(sharesNannyml(a, b), hellinger)});
}

void addCategories(const SourceRows& reference, const SourceRows& current, std::vector<MethodValue>& out) {
    const auto a = codeCounts(reference, sourceWords().size()), b = codeCounts(current, sourceWords().size());
    const auto plain = sharesOf(a, b, Smoothing::None), filled = sharesOf(a, b, Smoothing::Evidently);
    if (!plain || !filled) return;
    const auto chi = chiSquare(a, b, false);
    out.push_back({"chi2", false, chi ? chi->statistic : 0});
    out.push_back({"JS", false, jensenShannon(plain->reference, plain->current)});
    out.push_back({"PSI, Evidently", false, populationStability(filled->reference, filled->current)});
    out.push_back({"Hellinger", false, hellinger(plain->reference, plain->current)});
    out.push_back({"L-infinity", false, largestDifference(plain->reference, plain->current)});
}

void addMissing(const ColumnProfile& profile, const CurrentCounts& counts, std::vector<MethodValue>& out) {
    const std::uint64_t a[] = {profile.missing, profile.n - profile.missing};
    const std::uint64_t b[] = {counts.missing, counts.n() - counts.missing};
    const auto chi = chiSquare(a, b, false), yates = chiSquare(a, b, true);
    const auto share = [](const std::uint64_t* x) {
        return static_cast<double>(x[0]) / static_cast<double>(x[0] + x[1]);
    };
    out.push_back({"missing rate, NannyML", false, std::abs(share(a) - share(b))});
    out.push_back({"chi2", false, chi ? chi->statistic : 0});
    out.push_back({"chi2, Yates", false, yates ? yates->statistic : 0});
}

}  // namespace

std::vector<MethodValue> methodValues(const ColumnKindSource& kind, const SourceRows& reference,
                                      const SourceRows& current) {
    const ColumnProfile profile = profileOf(kind, reference);
    const CurrentCounts counts = countsOf(kind, profile, current);
    const Verdict verdict = verdictOf(kind, judgeDrift(std::span(&profile, 1), std::span(&counts, 1), {}).front());
    std::vector<MethodValue> out{{"default", true, -verdict.pValue}};
    if (kind.judgedByMissing) {
        addMissing(profile, counts, out);
        return out;
    }
    const Comparison c = compare(profile, counts);
    if (kind.numeric()) {
        out.push_back({"Wasserstein on bins", true, c.statistic()});
        addNumericOnBins(c, out);
        const auto a = SortedSample::of(reference.values), b = SortedSample::of(current.values);
        if (a && b) addSamples(*a, *b, out);
    } else {
        out.push_back({"total variation", true, c.statistic()});
        addCategories(reference, current, out);
    }
    addOnBins(profile, counts, out);
    return out;
}

}  // namespace pilothouse::bench
