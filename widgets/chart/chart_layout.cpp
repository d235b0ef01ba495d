// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/chart_layout.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pilothouse::chart {

ChartLayout layoutChart(QSizeF size, std::span<const double> stretches, const LayoutOptions& options) {
    ChartLayout out;
    out.left = std::min(options.gutter, size.width());
    out.right = std::max(out.left, size.width() - options.rightMargin);
    const double width = out.right - out.left;
    out.markers = QRectF(out.left, 0, width, std::min(options.markerHeight, size.height()));
    const double bottom = std::max(out.markers.bottom(), size.height() - options.axisHeight);
    out.axis = QRectF(out.left, bottom, width, size.height() - bottom);
    const double total = std::accumulate(stretches.begin(), stretches.end(), 0.0);
    double y = out.markers.bottom(), before = 0;
    const double height = bottom - y, first = y;
    for (const double stretch : stretches) {
        before += stretch;
        // Whole pixels, so that hairlines between lanes stay hairlines.
        const double end = std::round(first + height * (total > 0 ? before / total : 1));
        const double header = std::min(options.headerHeight, end - y);
        const double plot = end - y - header - 4;
        out.lanes.push_back({QRectF(0, y, size.width(), header),
                             QRectF(out.left, y + header, width, plot >= options.minPlotHeight ? plot : 0)});
        y = end;
    }
    return out;
}

std::vector<double> spreadLabels(std::span<const double> wanted, double height, double top, double bottom) {
    const std::size_t count = wanted.size();
    std::vector<double> out(wanted.begin(), wanted.end());
    if (count == 0) return out;
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
    const double lowest = top + height / 2, highest = bottom - height / 2;
    if (highest - lowest < height * static_cast<double>(count - 1)) {
        const double step = count > 1 ? std::max(0.0, highest - lowest) / static_cast<double>(count - 1) : 0;
        for (std::size_t i = 0; i < count; ++i)
            out[order[i]] = lowest + step * static_cast<double>(i);
        return out;
    }
    // Groups of touching labels, each placed around the mean of what its members want (pool adjacent violators).
    struct Group {
        double sum;  // of wanted - offset within the group
        double count;
        double start;
    };
    std::vector<Group> groups;
    const auto place = [&](Group& g) {
        g.start = std::clamp(g.sum / g.count, lowest, highest - height * (g.count - 1));
    };
    for (const std::size_t i : order) {
        groups.push_back({wanted[i], 1, 0});
        place(groups.back());
        while (groups.size() > 1) {
            Group& last = groups.back();
            Group& previous = groups[groups.size() - 2];
            if (previous.start + previous.count * height <= last.start) break;
            previous.sum += last.sum - last.count * previous.count * height;
            previous.count += last.count;
            groups.pop_back();
            place(groups.back());
        }
    }
    std::size_t n = 0;
    for (const Group& g : groups)
        for (int k = 0; k < static_cast<int>(g.count); ++k)
            out[order[n++]] = g.start + k * height;
    return out;
}

std::vector<bool> labelsThatFit(std::span<const double> starts, std::span<const double> widths,
                                std::span<const double> obstacles, double halfObstacle, double end) {
    std::vector<bool> shown(starts.size(), false);
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const double from = starts[i], to = from + widths[i];
        bool free = from >= 0 && to <= end;
        for (const double x : obstacles)
            free = free && !(x + halfObstacle > from && x - halfObstacle < to);
        for (std::size_t j = 0; j < i && free; ++j)
            free = !shown[j] || to + 4 <= starts[j] || starts[j] + widths[j] + 4 <= from;
        shown[i] = free;
    }
    return shown;
}

}  // namespace pilothouse::chart
