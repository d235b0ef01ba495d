// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/fuzzy.h"

#include <algorithm>

namespace pilothouse::shell {

namespace {
constexpr int kNone = -1'000'000;

int letterScore(const QString& text, qsizetype at) {
    const bool wordStart =
        at == 0 || !text[at - 1].isLetterOrNumber() || (text[at].isUpper() && text[at - 1].isLower());
    return wordStart ? 10 : 1;
}
}  // namespace

std::optional<FuzzyMatch> fuzzyMatch(const QString& typed, const QString& text) {
    QString pattern;
    for (const QChar c : typed)
        if (!c.isSpace()) pattern += c.toLower();
    if (pattern.isEmpty()) return FuzzyMatch{};
    const qsizetype n = pattern.size(), m = std::min<qsizetype>(text.size(), 200);
    if (n > m) return std::nullopt;
    // best[i][j]: the best score with letter i of the pattern at place j of the text.
    std::vector<std::vector<int>> best(static_cast<std::size_t>(n),
                                       std::vector<int>(static_cast<std::size_t>(m), kNone));
    auto from = std::vector<std::vector<qsizetype>>(static_cast<std::size_t>(n),
                                                    std::vector<qsizetype>(static_cast<std::size_t>(m), -1));
    for (qsizetype i = 0; i < n; ++i) {
        const auto row = static_cast<std::size_t>(i);
        int runner = kNone;  // best of the row before, left of j - 1
        qsizetype runnerAt = -1;
        for (qsizetype j = i; j < m; ++j) {
            const auto column = static_cast<std::size_t>(j);
            if (i > 0 && j >= 2 && best[row - 1][column - 2] > runner) {
                runner = best[row - 1][column - 2];
                runnerAt = j - 2;
            }
            if (text[j].toLower() != pattern[i]) continue;
            const int here = letterScore(text, j);
            if (i == 0) {
                best[row][column] = here - static_cast<int>(std::min<qsizetype>(j, 10)) / 2;
                continue;
            }
            const int next = j >= 1 && best[row - 1][column - 1] > kNone ? best[row - 1][column - 1] + here + 8 : kNone;
            const int jump = runner > kNone ? runner + here : kNone;
            if (next == kNone && jump == kNone) continue;
            best[row][column] = std::max(next, jump);
            from[row][column] = next >= jump ? j - 1 : runnerAt;
        }
    }
    const auto& last = best[static_cast<std::size_t>(n - 1)];
    const auto top = std::ranges::max_element(last);
    if (*top <= kNone / 2) return std::nullopt;
    FuzzyMatch match;
    match.score = *top * 4 - static_cast<int>(std::min<qsizetype>(text.size(), 100)) / 4;
    qsizetype j = top - last.begin();
    for (qsizetype i = n - 1; i >= 0; --i) {
        match.positions.push_back(j);
        j = from[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    }
    std::ranges::reverse(match.positions);
    return match;
}

}  // namespace pilothouse::shell
