// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/figure_table.h"

#include <cstdio>

namespace pilothouse::bench {

namespace {

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return value > 0 ? text : "-";
}

}  // namespace

FigureTable::FigureTable(std::vector<PeerFigure> peers) : m_peers(std::move(peers)) {
    std::printf("%-46s %12s %10s %10s %10s %7s  %s\n", "", "Pilothouse", "cold", "DuckDB", "its cold", "ratio", "goal");
}

void FigureTable::print(const Figure& figure) {
    const PeerFigure* duck = find(m_peers, "duckdb", figure.key);
    const double warm = duck ? duck->ms * figure.perPeer : 0, cold = duck ? duck->cold * figure.perPeer : 0;
    std::printf("%-46s %9.2f %-2s %10s %10s %10s %7s  %s", figure.what.c_str(), figure.warm, figure.unit,
                number(figure.cold).c_str(), number(warm).c_str(), number(figure.cold > 0 ? cold : 0).c_str(),
                number(warm > 0 ? figure.warm / warm : 0).c_str(), figure.goal.c_str());
    if (!figure.goal.empty()) std::printf(figure.met ? ": met" : ": NOT MET");
    m_missed += !figure.goal.empty() && !figure.met;
    for (const PeerFigure& other : m_peers)
        if (!figure.key.empty() && other.figure == figure.key && other.peer != "duckdb")
            std::printf("  %s %.2f", other.peer.c_str(), other.ms * figure.perPeer);
    for (const PeerFigure& other : m_peers) {
        if (figure.key.empty() || figure.answer.empty() || other.figure != figure.key) continue;
        if (other.answer == figure.answer) continue;
        ++m_differences;
        std::printf("\n    the answer of %s DIFFERS: %.120s, not %.120s", other.peer.c_str(), other.answer.c_str(),
                    figure.answer.c_str());
    }
    std::printf("\n");
    std::fflush(stdout);
}

double FigureTable::peer(const char* name, const std::string& key) const {
    const PeerFigure* found = find(m_peers, name, key);
    return found ? found->ms : 0;
}
double FigureTable::coldPeer(const char* name, const std::string& key) const {
    const PeerFigure* found = find(m_peers, name, key);
    return found ? found->cold : 0;
}

}  // namespace pilothouse::bench
