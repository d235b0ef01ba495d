// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/lens.h"

#include <algorithm>

#include "models/predictions/query_parser.h"

namespace pilothouse::items {

namespace {
constexpr std::size_t kRemembered = 200;
constexpr qint64 kBurstMs = 700;

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\n\r");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\n\r") - first + 1);
}
}  // namespace

Lens::Lens(const Clock& clock, const Zone& zone, QObject* parent) : QObject(parent), m_clock(clock), m_zone(zone) {}

void Lens::push(LensState state, bool adjusting) {
    if (state == this->state()) return;
    const bool sameBurst = adjusting && m_adjusted.isValid() && m_adjusted.elapsed() < kBurstMs && m_place > 0;
    m_states.resize(m_place + 1);  // a new way forward
    if (sameBurst) {
        m_states.back() = std::move(state);
    } else {
        m_states.push_back(std::move(state));
        if (m_states.size() > kRemembered) m_states.erase(m_states.begin());
    }
    m_place = m_states.size() - 1;
    if (adjusting) {
        m_adjusted.start();
    } else {
        m_adjusted.invalidate();
    }
    Q_EMIT changed();
}

void Lens::start(LensState state) {
    const bool same = m_states.size() == 1 && state == this->state();
    m_states = {std::move(state)};
    m_place = 0;
    m_adjusted.invalidate();
    if (!same) Q_EMIT changed();
}

void Lens::set(LensState state) { push(std::move(state), false); }

void Lens::setModel(const std::string& model) {
    LensState next = state();
    if (next.model == model) return;
    next.model = model;
    next.version.clear();  // versions belong to their model
    next.compareWith.clear();
    set(std::move(next));
}

void Lens::setVersion(const std::string& version) {
    LensState next = state();
    next.version = version;
    set(std::move(next));
}

void Lens::setCompareWith(const std::string& version) {
    LensState next = state();
    next.compareWith = version;
    set(std::move(next));
}

void Lens::setRange(TimeRange range) {
    if (range.empty()) return;
    LensState next = state();
    next.range.fixed = range;
    set(std::move(next));
}

void Lens::adjustRange(TimeRange range) {
    if (range.empty()) return;
    LensState next = state();
    next.range.fixed = range;
    push(std::move(next), true);
}

void Lens::setLast(Duration last) {
    if (last.count() <= 0) return;
    LensState next = state();
    next.range = {std::nullopt, last};
    set(std::move(next));
}

void Lens::setLive(bool live) {
    if (live == this->live()) return;
    if (live) {
        setLast(range().duration());
    } else {
        setRange(range());
    }
}

void Lens::step(int direction) {
    const TimeRange now = range();
    const bool wholeDays = m_zone.startOfDay(now.start) == now.start && m_zone.startOfDay(now.end) == now.end;
    if (wholeDays) {
        const auto days = daysFromCivil(m_zone.date(now.end)) - daysFromCivil(m_zone.date(now.start));
        const int by = direction * static_cast<int>(days);
        setRange({m_zone.addDays(now.start, by), m_zone.addDays(now.end, by)});
        return;
    }
    const Duration by = now.duration() * direction;
    setRange({now.start + by, now.end + by});
}

void Lens::addFilter(const std::string& clause) {
    const std::string text = trimmed(clause);
    LensState next = state();
    if (text.empty() || std::ranges::find(next.filters, text) != next.filters.end()) return;
    next.filters.push_back(text);
    set(std::move(next));
}

void Lens::setFilter(std::size_t index, const std::string& clause) {
    if (index >= state().filters.size()) return;
    const std::string text = trimmed(clause);
    if (text.empty()) return removeFilter(index);
    LensState next = state();
    next.filters[index] = text;
    set(std::move(next));
}

void Lens::removeClause(std::size_t index, Clauses from, Clauses to) {
    if (index >= (state().*from).size()) return;
    LensState next = state();
    const auto place = (next.*from).begin() + static_cast<std::ptrdiff_t>(index);
    const std::string clause = *place;
    (next.*from).erase(place);
    if (to && std::ranges::find(next.*to, clause) == (next.*to).end()) (next.*to).push_back(clause);
    set(std::move(next));
}

void Lens::removeFilter(std::size_t index) { removeClause(index, &LensState::filters); }
void Lens::putAside(std::size_t index) { removeClause(index, &LensState::filters, &LensState::aside); }
void Lens::takeBack(std::size_t index) { removeClause(index, &LensState::aside, &LensState::filters); }
void Lens::removeAside(std::size_t index) { removeClause(index, &LensState::aside); }

void Lens::clearFilters() {
    LensState next = state();
    next.filters.clear();
    set(std::move(next));
}

void Lens::back() {
    if (!canGoBack()) return;
    --m_place;
    m_adjusted.invalidate();
    Q_EMIT changed();
}

void Lens::forward() {
    if (!canGoForward()) return;
    ++m_place;
    m_adjusted.invalidate();
    Q_EMIT changed();
}

TimeRange Lens::range() const {
    const LensRange& r = state().range;
    if (r.fixed) return *r.fixed;
    const Timestamp now = m_clock.now();
    return {now - r.last, now};
}

ports::Query Lens::query() const {
    std::string scope;
    if (!state().model.empty()) scope = predictions::equalsClause("model", state().model);
    if (!state().version.empty()) scope += " " + predictions::equalsClause("version", state().version);
    ports::Query all;
    const auto join = [&all](const std::string& text) {
        const auto parsed = predictions::parseQuery(text);
        if (!parsed) return;
        all = all.root.op == ports::QueryOp::All ? *parsed : predictions::conjunction(all, *parsed);
    };
    if (!scope.empty()) join(scope);
    for (const std::string& filter : state().filters)
        join(filter);
    all.now = m_clock.now();  // the pages of one answer mean the same moment
    return all;
}

void Lens::setCursor(std::optional<Timestamp> t) {
    if (t == m_cursor) return;
    m_cursor = t;
    Q_EMIT cursorChanged();
}

}  // namespace pilothouse::items
