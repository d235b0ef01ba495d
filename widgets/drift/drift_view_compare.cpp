// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLabel>

#include "models/items/drift_comparison.h"
#include "models/predictions/query_parser.h"
#include "widgets/drift/drift_heat_map.h"
#include "widgets/drift/drift_view.h"
#include "widgets/drift/drift_words.h"

namespace pilothouse::drift {

namespace {

ports::Query queryOf(const std::vector<std::string>& clauses) {
    ports::Query out;
    for (const std::string& clause : clauses) {
        const auto parsed = predictions::parseQuery(clause);
        if (!parsed || parsed->root.op == ports::QueryOp::All) continue;
        out = out.root.op == ports::QueryOp::All ? *parsed : predictions::conjunction(out, *parsed);
    }
    return out;
}

ports::Query without(const ports::Query& query) {
    ports::Query out;
    out.root.op = ports::QueryOp::Not;
    out.root.children = {query.root};
    out.text = "NOT (" + query.text + ")";
    return out;
}

}  // namespace

void DriftView::fillAgainst() {
    const items::LensState& lens = m_session.lens().state();
    m_against->clear();
    m_against->addItem(tr("against the profile"), static_cast<int>(Against::Profile));
    m_against->addItem(tr("against the window before"), static_cast<int>(Against::Before));
    if (m_baseline)
        m_against->addItem(tr("against %1").arg(windowName(*m_baseline, m_session.displayZone())),
                           static_cast<int>(Against::Baseline));
    if (!lens.version.empty() && !lens.compareWith.empty() && lens.version != lens.compareWith)
        m_against->addItem(
            tr("%1 against %2").arg(QString::fromStdString(lens.version), QString::fromStdString(lens.compareWith)),
            static_cast<int>(Against::Version));
    if (!lens.filters.empty()) m_against->addItem(tr("the filters against all else"), static_cast<int>(Against::Rest));
    const int place = m_against->findData(static_cast<int>(m_mode));
    if (place < 0) m_mode = Against::Profile;  // the lens no longer has what it was about
    m_against->setCurrentIndex(std::max(0, place));
}

void DriftView::showQuality(bool quality) {
    using Content = items::DriftMatrixModel::Content;
    m_matrix.setContent(quality ? Content::Quality : Content::Drift);
    if (m_matrix.rowOf(m_feature) < 0) m_feature = m_matrix.feature(0);
    if (m_matrix.columnCount() == 0) return;
    overviewReady();
    showDetails();
}

void DriftView::chooseAgainst(Against mode) {
    m_mode = mode;
    m_compared = -1;
    fillAgainst();
    chooseColumn(m_heat->chosenColumn(), false);
}

void DriftView::chooseBaseline(int column) {
    if (column < 0 || column >= m_matrix.columnCount()) return;
    m_baseline = m_matrix.window(column);
    chooseAgainst(Against::Baseline);
}

void DriftView::compare(int column) {
    if (m_compared == column && m_window && m_window->evaluation.kind == "comparison") {
        showSummary();
        return showDetails();
    }
    const items::LensState& lens = m_session.lens().state();
    const TimeRange window = m_matrix.window(column);
    const ports::Evaluation* judged = m_matrix.evaluation(column);
    const std::string model = predictions::equalsClause("model", judged ? judged->model : m_model);
    const auto& monitor = m_loader.monitor();
    items::DriftComparison c;
    c.model = judged ? judged->model : m_model;
    if (monitor) {
        c.cluster = monitor->cluster;
        c.options = monitor->options;
        c.minimumEffects = monitor->minimumEffects;
    }
    std::vector<std::string> clauses{model};
    if (monitor && !monitor->query.empty()) c.rowClauses.push_back(monitor->query);
    const auto named = [this](const TimeRange& w) { return windowName(w, m_session.displayZone()).toStdString(); };
    c.current = {named(window), {}, window};
    c.reference = {named(window), {}, window};
    switch (m_mode) {
        case Against::Profile:
            return;
        case Against::Before:
            c.reference.range =
                column > 0 ? m_matrix.window(column - 1) : TimeRange{window.start - window.duration(), window.start};
            c.reference.name = named(c.reference.range);
            break;
        case Against::Baseline:
            c.reference.range = m_baseline.value_or(window);
            c.reference.name = named(c.reference.range);
            break;
        case Against::Version:
            // Versions follow each other in time: each is taken over the whole range of the lens.
            c.current.range = c.reference.range = m_session.lens().range();
            c.current.name = lens.version;
            c.reference.name = lens.compareWith;
            c.version = lens.version;
            break;
        case Against::Rest:
            c.reference.name = "all other rows";
            c.rowClauses.insert(c.rowClauses.end(), lens.filters.begin(), lens.filters.end());
            break;
    }
    clauses.insert(clauses.end(), c.rowClauses.begin(), c.rowClauses.end());
    c.current.query = c.reference.query = queryOf(clauses);
    if (m_mode == Against::Version) {
        c.current.query =
            predictions::conjunction(c.current.query, queryOf({predictions::equalsClause("version", lens.version)}));
        c.reference.query = predictions::conjunction(c.reference.query,
                                                     queryOf({predictions::equalsClause("version", lens.compareWith)}));
    } else if (m_mode == Against::Rest) {
        std::vector<std::string> all{model};
        if (monitor && !monitor->query.empty()) all.push_back(monitor->query);
        c.reference.query = predictions::conjunction(queryOf(all), without(queryOf(lens.filters)));
    }
    m_compared = column;
    m_loader.compare(c);
}

void DriftView::compareFailed(const QString& message) {
    m_compared = -1;
    m_summaryTitle->setText(tr("Nothing to compare"));
    m_summary->setText(message + u'.');
}

}  // namespace pilothouse::drift
