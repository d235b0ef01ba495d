// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "models/statistics/rank_tests.h"

namespace pilothouse::statistics {

namespace {

constexpr std::array kSignificance{0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001};

/// Scholz and Stephens (1987), table 2: critical value = b0 + b1 / sqrt(k - 1) + b2 / (k - 1).
std::array<double, 7> criticalValues(double m) {
    constexpr std::array b0{0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085};
    constexpr std::array b1{-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615};
    constexpr std::array b2{-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154};
    std::array<double, 7> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = b0[i] + b1[i] / std::sqrt(m) + b2[i] / m;
    return out;
}

/// The least-squares parabola through (x, log significance) at `at`, by orthogonal polynomials.
double parabola(std::span<const double> x, double at) {
    const auto n = static_cast<double>(x.size());
    double meanX = 0, meanY = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        meanX += x[i] / n;
        meanY += std::log(kSignificance[i]) / n;
    }
    double square = 0, cube = 0;
    for (const double v : x) {
        square += (v - meanX) * (v - meanX);
        cube += (v - meanX) * (v - meanX) * (v - meanX);
    }
    const double lean = cube / square, level = square / n;
    const auto second = [&](double v) { return (v - meanX) * (v - meanX) - lean * (v - meanX) - level; };
    double slope = 0, bend = 0, norm = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double y = std::log(kSignificance[i]);
        slope += (x[i] - meanX) * y / square;
        bend += second(x[i]) * y;
        norm += second(x[i]) * second(x[i]);
    }
    return meanY + slope * (at - meanX) + bend / norm * second(at);
}

/// Variance of the statistic without a difference, their equation 4.
double variance(double k, double total, double inverse) {
    double h = 1, g = 0, running = 0;
    for (double i = total - 1; i > 1; --i) {  // Σ_i Σ_j>i 1 / ((N - i) j), from the outside in
        running += 1 / i;
        g += running / (total - i + 1);
    }
    h += running;
    const double a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverse;
    const double b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
    const double c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * inverse + 4 * h;
    const double d = (2 * h + 6) * k * k - 4 * h * k;
    return (((a * total + b) * total + c) * total + d) / ((total - 1) * (total - 2) * (total - 3));
}

/// A² by midranks, equation 7: one group of equal values after the other, ascending.
class Midranks {
public:
    explicit Midranks(std::vector<double> sizes) : m_sizes(std::move(sizes)), m_below(m_sizes.size(), 0.0) {
        for (const double n : m_sizes)
            m_total += n;
    }
    /// How many values of each sample are in the group.
    void group(std::span<const double> counts) {
        double ties = 0;
        for (const double c : counts)
            ties += c;
        if (ties == 0) return;
        ++m_groups;
        const double middle = m_before + ties / 2;
        const double weight = ties / m_total / (middle * (m_total - middle) - m_total * ties / 4);
        for (std::size_t s = 0; s < counts.size(); ++s) {
            const double d = m_total * (m_below[s] + counts[s] / 2) - middle * m_sizes[s];
            m_sum += weight * d * d / m_sizes[s];
            m_below[s] += counts[s];
        }
        m_before += ties;
    }
    [[nodiscard]] Result<TestResult> test() const;

private:
    std::vector<double> m_sizes, m_below;
    double m_total = 0, m_before = 0, m_sum = 0;
    std::size_t m_groups = 0;
};

Result<TestResult> Midranks::test() const {
    if (m_total < 4) return fail(Error::invalid("Anderson-Darling needs four values in all"));
    if (m_groups < 2) return fail(Error::invalid("Anderson-Darling needs two distinct values"));
    double inverse = 0;
    for (const double n : m_sizes)
        inverse += 1 / n;
    const auto k = static_cast<double>(m_sizes.size());
    const double spread = variance(k, m_total, inverse);
    if (!(spread > 0)) return fail(Error::invalid("Anderson-Darling has no spread for so few values"));
    TestResult out;
    out.statistic = (m_sum * (m_total - 1) / m_total - (k - 1)) / std::sqrt(spread);
    const auto critical = criticalValues(k - 1);
    if (out.statistic < *std::min_element(critical.begin(), critical.end()))
        out.pValue = kSignificance.front();
    else if (out.statistic > *std::max_element(critical.begin(), critical.end()))
        out.pValue = kSignificance.back();
    else
        out.pValue = std::exp(parabola(critical, out.statistic));
    return out;
}

}  // namespace

Result<TestResult> andersonDarling(std::span<const SortedSample> samples) {
    if (samples.size() < 2) return fail(Error::invalid("Anderson-Darling compares two samples at least"));
    std::vector<double> pooled, sizes;
    for (const SortedSample& s : samples) {
        const auto middle = static_cast<std::ptrdiff_t>(pooled.size());
        pooled.insert(pooled.end(), s.values().begin(), s.values().end());
        std::inplace_merge(pooled.begin(), pooled.begin() + middle, pooled.end());  // each is sorted already
        sizes.push_back(static_cast<double>(s.size()));
    }
    Midranks ranks(std::move(sizes));
    std::vector<std::size_t> place(samples.size(), 0);
    std::vector<double> counts(samples.size());
    for (std::size_t i = 0; i < pooled.size();) {
        const double value = pooled[i];
        for (std::size_t s = 0; s < samples.size(); ++s) {
            const auto values = samples[s].values();
            const std::size_t from = place[s];
            while (place[s] < values.size() && values[place[s]] == value)
                ++place[s];
            counts[s] = static_cast<double>(place[s] - from);
            i += place[s] - from;
        }
        ranks.group(counts);
    }
    return ranks.test();
}

Result<TestResult> andersonDarlingOnBins(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
    if (a.size() != b.size()) return fail(Error::invalid("the two sides are counted on different bins"));
    std::vector<double> sizes(2, 0.0);
    for (std::size_t i = 0; i < a.size(); ++i) {
        sizes[0] += static_cast<double>(a[i]);
        sizes[1] += static_cast<double>(b[i]);
    }
    if (sizes[0] == 0 || sizes[1] == 0) return fail(Error::invalid("one side has no rows"));
    Midranks ranks(std::move(sizes));
    for (std::size_t i = 0; i < a.size(); ++i)
        ranks.group(std::array{static_cast<double>(a[i]), static_cast<double>(b[i])});
    return ranks.test();
}

}  // namespace pilothouse::statistics
