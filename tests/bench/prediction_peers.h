// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <string>
#include <vector>

namespace pilothouse::bench {

/// What the peers are asked about the JSON lines in FOLDER/rows.jsonl.
struct PeerQuestions {
    QString folder;
    std::size_t rows = 0;
    int runs = 9;
    std::vector<std::string> numeric, text;  ///< columns by type, beside "time"
    std::string present, absent, from, to, substring;
    double latency = 0;
    bool hostile = false;
};

struct PeerFigure {
    std::string peer, figure, answer;
    double ms = 0, cold = 0;  ///< "size": bytes
};

/// Runs peers_predictions.py; a peer that cannot be had is named on stderr. Answers are kept in the folder, and read
/// from there when they are there already.
std::vector<PeerFigure> askPeers(const PeerQuestions& questions);
const PeerFigure* find(const std::vector<PeerFigure>& figures, const std::string& peer, const std::string& figure);

}  // namespace pilothouse::bench
