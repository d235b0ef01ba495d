// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QStackedLayout>
#include <cmath>

#include "widgets/drift/drift_details.h"
#include "widgets/drift/drift_heat_map.h"
#include "widgets/drift/drift_tiles.h"
#include "widgets/drift/drift_view.h"
#include "widgets/drift/drift_words.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::drift {
namespace {

using statistics::State;
using theme::Token;

QString part(const QString& mark, Token token, int n, const QString& word) {
    return u"<span style=\"color:%1\">%2</span> %3 %4"_qs.arg(theme::color(token).name(), mark, QString::number(n),
                                                              word);
}

QString listed(const std::vector<std::string>& names) {
    QStringList list;
    for (const std::string& n : names)
        list += QString::fromStdString(n);
    return list.size() > 1 ? list.mid(0, list.size() - 1).join(u", "_qs) + u" and "_qs + list.back()
                           : list.join(u", "_qs);
}

}  // namespace

QString DriftView::firstVerdict() const {
    const auto& monitor = m_loader.monitor();
    if (!monitor) return {};
    const Timestamp now = m_session.now();
    const auto due =
        monitoring::dueWindows(*monitor, m_session.zone(), now, now + std::chrono::hours(24 * 15) + monitor->maturity);
    if (due.empty()) return {};
    return shortDate(due.front().end + monitor->maturity, m_session.displayZone());
}

void DriftView::showEmpty() {
    QString text;
    if (!m_problem.isEmpty()) {
        text = u"Drift could not be read: "_qs + m_problem;
    } else if (!m_loader.monitor()) {
        text =
            u"No monitor judges the drift of this model, so there is nothing to show. A monitor of kind \"drift\" compares its features with the profile of the version in production."_qs;
    } else {
        const bool weekly = m_loader.monitor()->window == "week";
        text = weekly ? u"No weekly window is complete yet"_qs : u"No daily window is complete yet"_qs;
        const QString first = firstVerdict();
        if (!first.isEmpty()) text += u"; first verdict on "_qs + first;
        text += u'.';
    }
    m_empty->setText(text);
    m_pages->setCurrentWidget(m_empty);
    if (m_details) m_details->setColumn(std::nullopt);
}

void DriftView::showSummary() {
    const ports::Evaluation& e = m_window->evaluation;
    int drift = 0, ok = 0, insufficient = 0, unavailable = 0, judged = 0;
    bool alarm = false;
    double clustered = statistics::kNaN;
    QStringList floors;  // "1.00 σ", "10 %": numbers and categories have their own
    QString fewest;
    std::map<std::string, QStringList> reasons;
    for (const ports::Finding& f : e.findings) {
        if (f.check != "drift" || f.feature.empty() || f.feature == "score") continue;
        ++judged;
        switch (f.verdict.state) {
            case State::Ok:
                ++ok;
                break;
            case State::Drift:
                ++drift;
                break;
            case State::Insufficient:
                ++insufficient;
                break;
            case State::Unavailable:
                ++unavailable;
                break;
        }
        alarm = alarm || (f.verdict.state == State::Drift && f.severity == ports::Severity::Alarm);
        if (std::isfinite(f.verdict.minimumEffect)) {
            const QString floor = effectText(f.verdict.minimumEffect, f.verdict.method);
            if (!floors.contains(floor)) floors += floor;
        }
        if (std::isfinite(f.verdict.nEffective) && !(f.verdict.nEffective >= clustered)) {
            clustered = f.verdict.nEffective;
            fewest = QString::fromStdString(f.feature);
        }
        if (!f.verdict.reason.empty()) reasons[f.verdict.reason] += QString::fromStdString(f.feature);
    }
    QStringList counts;
    if (drift > 0) counts += part(alarm ? u"▲"_qs : u"◆"_qs, alarm ? Token::Alarm : Token::Warning, drift, u"drift"_qs);
    counts += part(u"●"_qs, Token::Ok, ok, u"ok"_qs);
    if (insufficient > 0) counts += part(u"▨"_qs, Token::Unknown, insufficient, u"not enough data"_qs);
    if (unavailable > 0) counts += part(u"▨"_qs, Token::Unknown, unavailable, u"not judged"_qs);
    const bool compared = e.kind == "comparison";
    const QString name = compared ? QString::fromStdString(e.summary) : windowName(e.window, m_session.displayZone());
    m_summaryTitle->setText(u"<b>"_qs + name.toHtmlEscaped() + u"</b>&nbsp;&nbsp; "_qs +
                            counts.join(u"&nbsp;&nbsp; "_qs) +
                            u"&nbsp;&nbsp; <span style=\"color:%1\">%2 rows</span>"_qs.arg(
                                theme::color(Token::TextMuted).name(), theme::count(e.rows)));
    QStringList lines;
    const auto& monitor = m_loader.monitor();
    if (compared)
        lines += u"Compared here and not stored: bins frozen on the %1 rows of %2; by the rules of %3."_qs.arg(
            theme::count(m_window->profile.rows), QString::fromStdString(m_window->profile.version),
            monitor ? u"monitor "_qs + QString::fromStdString(monitor->name) : u"the defaults"_qs);
    if (monitor)
        lines +=
            u"False alarms held at %1 over %2 columns (Benjamini-Hochberg); an effect under %3 is not drift. %4 of %5 windows raise the alert."_qs
                .arg(theme::percent(monitor->options.falseAlarmRate, 0), QString::number(judged),
                     floors.isEmpty() ? effectText(monitor->options.minimumEffect, "wasserstein_sigma")
                                      : floors.join(u" or "_qs),
                     QString::number(monitor->persistence), QString::number(monitor->of));
    if (std::isfinite(clustered) && clustered < 0.98 * static_cast<double>(e.rows)) {
        const QString by = monitor && !monitor->cluster.empty()
                               ? u"Rows are clustered by "_qs + listed(monitor->cluster)
                               : u"Rows depend on each other"_qs;
        lines += by + u": effective n down to "_qs + theme::count(static_cast<std::uint64_t>(std::llround(clustered))) +
                 u" ("_qs + fewest + u") of "_qs + theme::count(e.rows) + u'.';
    }
    for (const auto& [reason, features] : reasons)
        lines += features.join(u", "_qs) + u": "_qs + QString::fromStdString(reason) + u'.';
    if (!m_window->problem.empty()) lines += QString::fromStdString(m_window->problem) + u'.';
    if (e.revision > 0) lines += u"Judged again after late rows (revision "_qs + QString::number(e.revision) + u")."_qs;
    m_summary->setText(lines.join(u'\n'));
}

void DriftView::showTiles() {
    std::vector<ColumnPicture> pictures;
    for (const ports::Finding& f : m_window->evaluation.findings)
        if (f.check == "drift" && !f.feature.empty())
            pictures.push_back(detailsOf(QString::fromStdString(f.feature)).picture);
    const auto key = [](const ColumnPicture& p) {
        return std::isfinite(p.finding.verdict.effect) ? p.finding.verdict.effect : -1.0;
    };
    std::stable_sort(pictures.begin(), pictures.end(),
                     [&](const ColumnPicture& a, const ColumnPicture& b) { return key(a) > key(b); });
    m_tiles->setChosen(m_feature);
    m_tiles->setPictures(pictures);
}

ColumnDetails DriftView::detailsOf(const QString& feature) const {
    ColumnDetails result;
    const ports::Evaluation& e = m_window->evaluation;
    const std::string name = feature.toStdString();
    result.picture.feature = feature;
    result.window = name == "score" && m_window->scoreWindow ? *m_window->scoreWindow : e.window;
    if (e.kind == "comparison")
        result.against = QString::fromStdString(e.version);
    else
        result.version = QString::fromStdString(e.version);
    result.reference = {{m_window->profile.startNs}, {m_window->profile.endNs}};
    for (const ports::Finding& f : e.findings) {
        if (f.feature != name) continue;
        if (f.check == "drift") result.picture.finding = f;
        if (f.check == "missing") result.missing = f;
    }
    if (const auto* column = m_window->profile.find(name)) {
        if (column->n > 0) result.missingThen = static_cast<double>(column->missing) / static_cast<double>(column->n);
        if (column->kind == statistics::ColumnKind::Numeric && column->max > column->min)
            result.picture.referenceRange = {column->min, column->max};
    }
    if (const auto* histogram = m_window->histogram(feature)) {
        result.picture.histogram = *histogram;
    } else if (!m_window->problem.empty()) {
        result.picture.problem = QString::fromStdString(m_window->problem);
    } else if (!m_window->profile.find(name)) {
        result.picture.problem = u"No histogram: the profile of %1 has no such column"_qs.arg(
            result.version.isEmpty() ? result.against : result.version);
    } else {
        result.picture.problem = u"No histogram: no values in this window"_qs;
    }
    return result;
}

void DriftView::showDetails() {
    if (!m_details || !m_window) return;
    const int row = m_matrix.rowOf(m_feature), column = m_heat->chosenColumn();
    if (row < 0 || column < 0) return m_details->setColumn(std::nullopt);
    ColumnDetails details = detailsOf(m_feature);
    const items::DriftCell cell = m_matrix.cell(row, column);
    if (m_matrix.rowKind(row) == items::DriftMatrixModel::RowKind::Quality && cell.finding) {
        // The worst finding of the worst day stands for the row.
        details.picture.finding = *cell.finding;
        if (!cell.finding->feature.empty())
            details.picture.feature = QString::fromStdString(cell.finding->feature + ", " + cell.finding->check);
        details.window = cell.evaluation->window;
        details.reference = {};
        details.version.clear();
    }
    if (m_mode == Against::Profile) details.driftSince = m_matrix.driftSince(row, column);
    for (int c = 0; c < m_matrix.columnCount(); ++c)
        if (const items::DriftCell at = m_matrix.cell(row, c); at.finding)
            details.history.push_back({m_matrix.window(c), at.finding->verdict, at.finding->severity});
    details.rowsCanBeShown = m_session.ports().predictions != nullptr;
    m_details->setColumn(std::move(details));
}

QByteArray DriftView::exportCsv() const {
    QByteArray out =
        "feature,window_start,window_end,state,severity,method,effect,effect_low,effect_high,minimum_effect,p,q,n_"
        "reference,n_current,n_effective,missing_share,reason\n";
    const auto number = [](double v) { return std::isfinite(v) ? QByteArray::number(v, 'g', 10) : QByteArray(); };
    const auto quoted = [](QString text) {
        return text.contains(u',') || text.contains(u'"') || text.contains(u'\n')
                   ? ('"' + text.replace(u'"', u"\"\""_qs).toUtf8() + '"')
                   : text.toUtf8();
    };
    for (int r = 0; r < m_matrix.rowCount(); ++r)
        for (int c = 0; c < m_matrix.columnCount(); ++c)
            for (const items::DriftCell& cell : m_matrix.days(r, c)) {
                if (!cell.finding) continue;
                const statistics::Verdict& v = cell.finding->verdict;
                const QByteArrayList fields = {quoted(m_matrix.feature(r)),
                                               QByteArray::fromStdString(cell.evaluation->window.start.toIso()),
                                               QByteArray::fromStdString(cell.evaluation->window.end.toIso()),
                                               statistics::toString(v.state),
                                               ports::toString(cell.finding->severity),
                                               quoted(QString::fromStdString(v.method)),
                                               number(v.effect),
                                               number(v.effectLow),
                                               number(v.effectHigh),
                                               number(v.minimumEffect),
                                               number(v.pValue),
                                               number(v.qValue),
                                               QByteArray::number(static_cast<qulonglong>(v.nReference)),
                                               QByteArray::number(static_cast<qulonglong>(v.nCurrent)),
                                               number(v.nEffective),
                                               number(cell.finding->missingShare),
                                               quoted(QString::fromStdString(v.reason))};
                out += fields.join(',') + '\n';
            }
    return out;
}

}  // namespace pilothouse::drift
