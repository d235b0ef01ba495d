// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/prediction_peers.h"

namespace pilothouse::bench {

/// One line: what was measured, beside the peers' figure of the same key.
struct Figure {
    std::string what, key;      ///< key: empty when no peer has it
    double warm = 0, cold = 0;  ///< cold 0: not measured
    const char* unit = "ms";
    std::string goal = {};
    bool met = true;
    std::string answer = {};  ///< compared with the peers' answers unless it is empty
    double perPeer = 1;       ///< what a peer's figure is multiplied with to be of the unit
};

/// Prints a line a figure, and counts the answers that differ.
class FigureTable {
public:
    explicit FigureTable(std::vector<PeerFigure> peers);
    void print(const Figure& figure);
    /// DuckDB's or another's figure; 0 when it was not asked.
    [[nodiscard]] double peer(const char* name, const std::string& key) const;
    [[nodiscard]] double coldPeer(const char* name, const std::string& key) const;
    [[nodiscard]] int differences() const { return m_differences; }
    [[nodiscard]] int missed() const { return m_missed; }

private:
    std::vector<PeerFigure> m_peers;
    int m_differences = 0, m_missed = 0;
};

}  // namespace pilothouse::bench
