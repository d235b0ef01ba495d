// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/profile_difference.h"

#include <QString>
#include <algorithm>

namespace pilothouse::monitoring {

using statistics::ColumnKind;
using statistics::ColumnProfile;

namespace {

constexpr std::size_t kNamed = 10;

std::string digits(double value) { return QString::number(value, 'g', 5).toStdString(); }

std::string percent(std::uint64_t part, std::uint64_t all) {
    return all == 0
               ? "–"
               : QString::number(100.0 * static_cast<double>(part) / static_cast<double>(all), 'f', 2).toStdString() +
                     " %";
}

/// Names in `a` that `b` does not have.
std::string onlyIn(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::string out;
    std::size_t n = 0;
    for (const std::string& name : a) {
        if (std::ranges::find(b, name) != b.end()) continue;
        if (++n <= kNamed) out += (n > 1 ? ", " : "") + name;
    }
    return n > kNamed ? out + " and " + std::to_string(n - kNamed) + " more" : out;
}

class Differences {
public:
    void add(const std::string& column, const char* what, const std::string& from, const std::string& to) {
        if (from != to) m_lines.push_back({column, what, from, to});
    }
    void compare(const ColumnProfile& a, const ColumnProfile& b) {
        add(a.name, "kind", toString(a.kind), toString(b.kind));
        add(a.name, "missing", percent(a.missing, a.n), percent(b.missing, b.n));
        if (a.kind != b.kind) return;
        if (a.kind == ColumnKind::Numeric) {
            add(a.name, "least", digits(a.min), digits(b.min));
            if (a.quantiles.size() == 7 && b.quantiles.size() == 7)
                add(a.name, "median", digits(a.quantiles[3]), digits(b.quantiles[3]));
            add(a.name, "greatest", digits(a.max), digits(b.max));
            add(a.name, "mean", digits(a.mean), digits(b.mean));
            add(a.name, "scale", digits(a.scale), digits(b.scale));
            add(a.name, "infinite", std::to_string(a.infinite), std::to_string(b.infinite));
        } else if (a.kind == ColumnKind::Categorical) {
            add(a.name, "categories that went, came", onlyIn(a.categories, b.categories),
                onlyIn(b.categories, a.categories));
            for (std::size_t i = 0; i < std::min(a.categories.size(), kNamed); ++i) {
                const auto place = std::ranges::find(b.categories, a.categories[i]);
                if (place == b.categories.end()) continue;
                const auto at = static_cast<std::size_t>(place - b.categories.begin());
                add(a.name, ("share of " + a.categories[i]).c_str(), percent(a.counts[i], a.n - a.missing),
                    percent(b.counts[at], b.n - b.missing));
            }
        }
    }
    [[nodiscard]] std::vector<ProfileDifference> take() { return std::move(m_lines); }

private:
    std::vector<ProfileDifference> m_lines;
};

}  // namespace

std::vector<ProfileDifference> profileDifference(const statistics::Profile& from, const statistics::Profile& to) {
    Differences out;
    out.add({}, "rows", std::to_string(from.rows), std::to_string(to.rows));
    for (const ColumnProfile& column : from.columns) {
        if (const ColumnProfile* other = to.find(column.name))
            out.compare(column, *other);
        else
            out.add(column.name, "column", toString(column.kind), "–");
    }
    for (const ColumnProfile& column : to.columns)
        if (!from.find(column.name)) out.add(column.name, "column", "–", toString(column.kind));
    return out.take();
}

}  // namespace pilothouse::monitoring
