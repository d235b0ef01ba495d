// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/sample.h"

#include <algorithm>
#include <cmath>

namespace pilothouse::statistics {

Result<SortedSample> SortedSample::of(std::span<const double> values) {
    SortedSample out;
    out.m_values.reserve(values.size());
    for (const double x : values)
        if (!std::isnan(x)) out.m_values.push_back(x);
    out.m_missing = values.size() - out.m_values.size();
    if (out.m_values.empty())
        return fail(Error::invalid(values.empty() ? "the sample is empty" : "every value of the sample is missing"));
    std::sort(out.m_values.begin(), out.m_values.end());
    return out;
}

Result<SortedSample> SortedSample::ofSorted(std::vector<double> values) {
    if (values.empty()) return fail(Error::invalid("the sample is empty"));
    if (std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); }))
        return fail(Error::invalid("a sorted sample holds no missing value"));
    if (!std::is_sorted(values.begin(), values.end())) return fail(Error::invalid("the sample is not sorted"));
    SortedSample out;
    out.m_values = std::move(values);
    return out;
}

bool SortedSample::finite() const { return std::isfinite(m_values.front()) && std::isfinite(m_values.back()); }

Status requireFinite(const SortedSample& a, const SortedSample& b, const char* what) {
    if (!a.finite() || !b.finite()) return fail(Error::invalid(std::string(what) + " needs finite values"));
    return {};
}

}  // namespace pilothouse::statistics
