// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/statistics_peer_rules.h"

#include <numeric>

#include "models/statistics/sample_distance.h"
#include "models/statistics/share_distance.h"

namespace pilothouse::bench {

using namespace statistics;

namespace {

std::vector<double> sharesOfCodes(const SourceRows& rows) {
    const std::vector<std::uint64_t> counts = codeCounts(rows, sourceWords().size());
    const double all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    std::vector<double> shares;
    for (const std::uint64_t count : counts)
        shares.push_back(static_cast<double>(count) / all);
    return shares;
}

}  // namespace

std::vector<std::uint64_t> codeCounts(const SourceRows& rows, std::size_t words) {
    std::vector<std::uint64_t> counts(words, 0);
    for (const std::uint32_t code : rows.codes)
        if (code < words) ++counts[code];
    return counts;
}

EvidentlyDefault::EvidentlyDefault(const ColumnKindSource& kind, const SourceRows& reference) {
    if (!kind.numeric()) {
        m_shares = sharesOfCodes(reference);
    } else if (auto sorted = SortedSample::of(reference.values)) {
        m_sorted = std::move(*sorted);
    }
}

double EvidentlyDefault::statistic(const SourceRows& current) const {
    if (!m_sorted) return m_shares.empty() ? kNaN : jensenShannonNatural(m_shares, sharesOfCodes(current));
    const auto now = SortedSample::of(current.values);
    if (!now) return kNaN;
    return wassersteinEvidently(*m_sorted, *now).value_or(kNaN);
}

}  // namespace pilothouse::bench
