// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <optional>
#include <string>
#include <vector>

#include "models/base/clock.h"
#include "models/base/time_zone.h"
#include "models/base/timestamp.h"
#include "models/ports/query.h"

namespace pilothouse::items {

/// The time that a lens looks at: a fixed range, or "the last N" which ends at the clock's now.
struct LensRange {
    std::optional<TimeRange> fixed;
    Duration last = std::chrono::hours(24 * 28);
    bool operator==(const LensRange&) const = default;
};

/// What every view looks through. A value.
struct LensState {
    std::string model;        ///< empty: all
    std::string version;      ///< empty: all
    std::string compareWith;  ///< a version, or empty: the profile of the version in production
    LensRange range;
    std::vector<std::string> filters;     ///< clauses of the query language, all of which must hold
    std::vector<std::string> aside = {};  ///< clauses at hand that do not count now
    bool operator==(const LensState&) const = default;
};

/// The one lens of a window, with undo. Views listen to changed() and to nothing else. GUI thread.
class Lens : public QObject {
    Q_OBJECT
public:
    explicit Lens(const Clock& clock, const Zone& zone, QObject* parent = nullptr);

    [[nodiscard]] const LensState& state() const { return m_states[m_place]; }
    /// Where it begins: nothing to go back to, and not yet touched by a person.
    void start(LensState state);
    [[nodiscard]] bool touched() const { return m_states.size() > 1; }
    /// A new state, remembered for back(); the same state changes nothing.
    void set(LensState state);
    void setModel(const std::string& model);
    void setVersion(const std::string& version);
    void setCompareWith(const std::string& version);
    void setRange(TimeRange range);  ///< fixed; ends live mode
    /// The same for one of many small changes (a wheel, a drag): a burst of them is one step of back().
    void adjustRange(TimeRange range);
    void setLast(Duration last);  ///< relative; live
    /// Relative from now on (the length is kept), or fixed at what is shown.
    void setLive(bool live);
    /// The range before (-1) or after (1): whole days of the calendar stay whole days.
    void step(int direction);
    void addFilter(const std::string& clause);                     ///< blank or already there: nothing
    void setFilter(std::size_t index, const std::string& clause);  ///< blank: removes it
    void removeFilter(std::size_t index);
    void putAside(std::size_t index);     ///< the filter stays at hand, and does not count
    void takeBack(std::size_t index);     ///< of what is aside: it counts again, as the last filter
    void removeAside(std::size_t index);  ///< of what is aside
    void clearFilters();                  ///< what is aside stays there
    void back();
    void forward();
    [[nodiscard]] bool canGoBack() const { return m_place > 0; }
    [[nodiscard]] bool canGoForward() const { return m_place + 1 < m_states.size(); }
    [[nodiscard]] bool live() const { return !state().range.fixed; }

    /// The range in absolute times as of now.
    [[nodiscard]] TimeRange range() const;
    /// Model, version and filters as one query; a filter that does not parse is left out (the bar shows its error).
    [[nodiscard]] ports::Query query() const;

    /// The moment under the pointer, shared by every time axis; nothing: no pointer there.
    [[nodiscard]] std::optional<Timestamp> cursor() const { return m_cursor; }
    void setCursor(std::optional<Timestamp> t);

Q_SIGNALS:
    void changed();
    void cursorChanged();

private:
    using Clauses = std::vector<std::string> LensState::*;
    void push(LensState state, bool adjusting);
    /// To the end of `to`, where one is given.
    void removeClause(std::size_t index, Clauses from, Clauses to = nullptr);

    const Clock& m_clock;
    const Zone& m_zone;
    std::vector<LensState> m_states{LensState{}};
    std::size_t m_place = 0;
    std::optional<Timestamp> m_cursor;
    QElapsedTimer m_adjusted;  ///< since the last adjustRange(); invalid after any other change
};

}  // namespace pilothouse::items
