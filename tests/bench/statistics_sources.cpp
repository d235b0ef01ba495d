// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/statistics_sources.h"

#include <algorithm>
#include <cmath>

#include "models/statistics/null_distribution.h"

namespace pilothouse::bench {

using namespace statistics;

namespace {

constexpr std::uint32_t kMissing = 0xFFFFFFFFu;
constexpr double kWithin = 0.5, kCarry = 0.8;
constexpr std::size_t kLargestCluster = 31, kBlock = 50;

/// Zipf's law with the exponent, as cuts of a standard normal.
std::vector<double> zipfCuts(std::size_t words, double exponent) {
    double sum = 0, below = 0;
    for (std::size_t i = 1; i <= words; ++i)
        sum += std::pow(static_cast<double>(i), -exponent);
    std::vector<double> cuts;
    for (std::size_t i = 1; i < words; ++i) {
        below += std::pow(static_cast<double>(i), -exponent) / sum;
        cuts.push_back(-normalCritical(below));
    }
    return cuts;
}

/// The normals behind the rows, one after the other.
class Latent {
public:
    Latent(Dependence dependence, Random& random) : m_dependence(dependence), m_random(random) {}
    double next() {
        switch (m_dependence) {
            case Dependence::Independent:
                return m_random.normal();
            case Dependence::Clustered:
                return std::sqrt(kWithin) * m_state + std::sqrt(1 - kWithin) * m_random.normal();
            case Dependence::Autocorrelated:
                m_state =
                    m_first ? m_random.normal() : kCarry * m_state + std::sqrt(1 - kCarry * kCarry) * m_random.normal();
                m_first = false;
                return m_state;
        }
        return 0;
    }
    void newCluster() {
        if (m_dependence == Dependence::Clustered) m_state = m_random.normal();
    }

private:
    Dependence m_dependence;
    Random& m_random;
    double m_state = 0;
    bool m_first = true;
};

/// One id a row, in the order of the rows.
std::vector<std::uint32_t> clusterIds(Dependence dependence, Random& random, std::size_t n) {
    std::vector<std::uint32_t> ids;
    if (dependence == Dependence::Independent) return ids;
    for (std::uint32_t id = 0; ids.size() < n; ++id) {
        const std::size_t size = dependence == Dependence::Clustered ? 1 + random.below(kLargestCluster) : kBlock;
        ids.insert(ids.end(), std::min(size, n - ids.size()), id);
    }
    return ids;
}

std::uint32_t codeOf(const ColumnKindSource& kind, double z) {
    const auto& cuts = kind.cuts;
    return static_cast<std::uint32_t>(std::upper_bound(cuts.begin(), cuts.end(), z) - cuts.begin());
}

/// The row with the change; `u` is the row's own uniform number where the change takes a share of the rows.
double changed(const ColumnKindSource& kind, double z, Change change, double size, double u) {
    if (change == Change::Shift) return z + size;
    if (change == Change::Scale) return z * (1 + size);
    if (change == Change::NewCategory && kind.numeric() && u < size) return 6;
    if (change == Change::Swap && kind.numeric() && z < 0 && u < 2 * size) return -z;
    return z;
}

std::uint32_t changedCode(const ColumnKindSource& kind, std::uint32_t code, Change change, double size, double u) {
    const auto last = static_cast<std::uint32_t>(kind.cuts.size());
    if (change == Change::NewCategory && u < size) return last + 1;
    if (change != Change::Swap || code != 0) return code;
    const double first = 1 - normalTail(kind.cuts.front());
    return u < size / first ? std::min(2u, last) : code;
}

}  // namespace

const char* nameOf(Dependence dependence) {
    switch (dependence) {
        case Dependence::Independent:
            return "independent";
        case Dependence::Clustered:
            return "clustered";
        case Dependence::Autocorrelated:
            return "autocorrelated";
    }
    return "";
}

const char* nameOf(Change change) {
    switch (change) {
        case Change::None:
            return "none";
        case Change::Shift:
            return "shift";
        case Change::Scale:
            return "scale";
        case Change::NewCategory:
            return "new value";
        case Change::Swap:
            return "swap";
        case Change::Missing:
            return "missing";
    }
    return "";
}

std::vector<ColumnKindSource> columnKinds(const std::string& text) {
    std::vector<ColumnKindSource> kinds;
    kinds.push_back({"continuous", [](double z) { return z; }, {}, 0, false});
    kinds.push_back(
        {"discrete, 7 values", [](double z) { return std::clamp(std::round(1.5 * z), -3.0, 3.0); }, {}, 0, false});
    kinds.push_back({"90 % zeros", [](double z) { return z < 1.2815515655446 ? 0 : z - 1.2; }, {}, 0, false});
    kinds.push_back({"heavy-tailed", [](double z) { return std::exp(1.5 * z); }, {}, 0, false});
    kinds.push_back({"score in [0, 1]", [](double z) { return 1 / (1 + std::exp(1.5 - 1.5 * z)); }, {}, 0, false});
    kinds.push_back({"boolean", {}, {0.8416212335729}, 0, false});
    kinds.push_back({"5 categories", {}, zipfCuts(5, 1), 0, false});
    kinds.push_back({"50 categories", {}, zipfCuts(50, 1), 0, false});
    kinds.push_back({"500 categories", {}, zipfCuts(500, 0.7), 0, false});
    kinds.push_back({"missing share of 3 %", [](double z) { return z; }, {}, 0.03, true});
    std::erase_if(kinds, [&](const ColumnKindSource& k) { return k.name.find(text) == std::string::npos; });
    return kinds;
}

SourceRows drawRows(const ColumnKindSource& kind, Dependence dependence, Random& random, std::size_t n, Change change,
                    double size) {
    SourceRows out;
    out.clusters = clusterIds(dependence, random, n);
    Latent rows(dependence, random), holes(dependence, random);
    const double missing = kind.missing + (change == Change::Missing ? size : 0);
    const double hole = missing > 0 ? normalCritical(missing) : 0;
    const bool partly = change == Change::NewCategory || change == Change::Swap;
    for (std::size_t i = 0; i < n; ++i) {
        if (!out.clusters.empty() && (i == 0 || out.clusters[i] != out.clusters[i - 1])) {
            rows.newCluster();
            if (missing > 0) holes.newCluster();
        }
        const double u = partly ? random.uniform() : 0, z = changed(kind, rows.next(), change, size, u);
        const bool absent = missing > 0 && holes.next() > hole;
        if (kind.numeric())
            out.values.push_back(absent ? kNaN : kind.value(z));
        else
            out.codes.push_back(absent ? kMissing : changedCode(kind, codeOf(kind, z), change, size, u));
    }
    return out;
}

const std::vector<std::string>& sourceWords() {
    static const std::vector<std::string> kWords = [] {
        std::vector<std::string> words;
        for (int i = 0; i <= 1000; ++i)
            words.push_back("value " + std::to_string(i));
        return words;
    }();
    return kWords;
}

ColumnProfile profileOf(const ColumnKindSource& kind, const SourceRows& rows) {
    if (kind.numeric()) return profileNumeric(kind.name, rows.values, rows.clusters, {});
    return profileCategorical(kind.name, rows.codes, sourceWords(), rows.clusters, {});
}

CurrentCounts countsOf(const ColumnKindSource& kind, const ColumnProfile& profile, const SourceRows& rows) {
    if (kind.numeric()) return countNumeric(profile, rows.values, rows.clusters);
    return countCategorical(profile, rows.codes, sourceWords(), rows.clusters);
}

const Verdict& verdictOf(const ColumnKindSource& kind, const ColumnDrift& drift) {
    return kind.judgedByMissing ? drift.missing : drift.distribution;
}

}  // namespace pilothouse::bench
