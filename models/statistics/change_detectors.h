// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>

namespace pilothouse::statistics {

/// The Page-Hinkley test (Page 1954, Biometrika 41; Hinkley 1971): the cumulated deviation from the running mean, less
/// `delta` a step and fading by `alpha`, strays further than `threshold` from its extreme. In the form of river and
/// MOA. After a change it starts again with the next value. A value that is not finite is left out and counted.
class PageHinkley {
public:
    enum class Direction { Up, Down, Both };
    struct Options {
        std::uint64_t minimumValues = 30;
        double delta = 0.005, threshold = 50, alpha = 1 - 0.0001;
        Direction direction = Direction::Both;
    };
    PageHinkley() : PageHinkley(Options()) {}
    explicit PageHinkley(const Options& options) : m_options(options) {}
    bool update(double value);  ///< true: this value made a change known
    [[nodiscard]] std::uint64_t skipped() const { return m_skipped; }

private:
    Options m_options;
    bool m_changed = false;
    double m_n = 0, m_mean = 0, m_rise = 0, m_fall = 0;
    double m_lowestRise = std::numeric_limits<double>::infinity(), m_highestFall = -1;
    std::uint64_t m_skipped = 0;
};

/// Drift detection method (Gama et al. 2004, SBIA): the error rate p plus its standard error s leaves the lowest seen
/// by more than `warning` or `drift` standard errors. In the form of river. After a drift it starts again.
class Ddm {
public:
    struct Options {
        std::uint64_t warmStart = 30;
        double warning = 2, drift = 3;
    };
    enum class State { Ok, Warning, Drift };
    Ddm() : Ddm(Options()) {}
    explicit Ddm(const Options& options) : m_options(options) {}
    State update(bool error);  ///< error: the prediction was wrong

private:
    Options m_options;
    State m_state = State::Ok;
    double m_n = 0, m_rate = 0;
    double m_lowestRate = 0, m_lowestSpread = 0, m_lowest = std::numeric_limits<double>::infinity();
};

}  // namespace pilothouse::statistics
