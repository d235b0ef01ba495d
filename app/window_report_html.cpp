// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "app/window_report.h"
#include "widgets/drift/drift_words.h"
#include "widgets/performance/performance_pictures.h"
#include "widgets/theme/format.h"

namespace pilothouse::app {

namespace {

using statistics::State;

constexpr std::size_t kHistograms = 12;

QString esc(const std::string& s) { return QString::fromStdString(s).toHtmlEscaped(); }
QString esc(const QString& s) { return s.toHtmlEscaped(); }

constexpr const char* kStyle =
    "body{font:14px/1.45 'Noto Sans',sans-serif;color:#1b1e20;background:#fff;max-width:1080px;margin:24px auto;"
    "padding:0 16px}"
    "h1{font-size:22px;margin-bottom:2px}h2{font-size:16px;margin-top:28px;border-bottom:1px solid #dadad7;"
    "padding-bottom:4px}p{max-width:90ch}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}"
    "th,td{text-align:left;padding:3px 12px 3px 0;border-bottom:1px solid #e6e6e3;vertical-align:top}"
    "th{color:#4f565c;font-weight:500}td.n,th.n{text-align:right}.muted{color:#4f565c}"
    ".drift{color:#835600}.alarm{color:#b32917}.ok{color:#2f6b4c}"
    ".figures{display:flex;flex-wrap:wrap;gap:12px}figure{margin:0;break-inside:avoid}"
    "figure svg,figure img{max-width:100%;height:auto;display:block}"
    "@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}";

/// A table whose cells are HTML already.
class Table {
public:
    explicit Table(QStringList heads, QList<int> numbers) : m_numbers(std::move(numbers)) {
        row(heads, u"th"_qs);
        m_body = u"<thead>"_qs + m_body + u"</thead>\n<tbody>\n"_qs;
    }
    void add(const QStringList& cells) {
        row(cells, u"td"_qs);
        ++m_rows;
    }
    [[nodiscard]] bool empty() const { return m_rows == 0; }
    [[nodiscard]] QString html() const { return u"<table>"_qs + m_body + u"</tbody></table>\n"_qs; }

private:
    void row(const QStringList& cells, const QString& tag) {
        m_body += u"<tr>"_qs;
        for (qsizetype i = 0; i < cells.size(); ++i)
            m_body += u'<' + tag + (m_numbers.contains(static_cast<int>(i)) ? u" class=\"n\">"_qs : u">"_qs) +
                      cells[i] + u"</"_qs + tag + u'>';
        m_body += u"</tr>\n"_qs;
    }
    QList<int> m_numbers;
    QString m_body;
    int m_rows = 0;
};

QString stateCell(const ports::Finding& f) {
    const QString word = drift::stateWord(f.verdict.state);
    if (f.verdict.state != State::Drift)
        return (f.verdict.state == State::Ok ? u"<span class=\"ok\">● "_qs : u"<span class=\"muted\">▨ "_qs) +
               esc(word) + u"</span>"_qs;
    const bool alarm = f.severity == ports::Severity::Alarm;
    return u"<span class=\"%1\">%2 "_qs.arg(alarm ? u"alarm"_qs : u"drift"_qs, alarm ? u"▲"_qs : u"◆"_qs) + esc(word) +
           u"</span>"_qs;
}

QString effectCell(const statistics::Verdict& v) {
    const QString interval = drift::intervalText(v);
    return esc(drift::effectText(v.effect, v.method)) +
           (interval.isEmpty() ? QString() : u" <span class=\"muted\">("_qs + esc(interval) + u")</span>"_qs);
}

class Page {
public:
    explicit Page(const ReportData& data) : m_data(data) {}

    QString html() {
        const QString title = esc(m_data.model) + u": "_qs + esc(theme::range(m_data.window, m_data.zone));
        m_out = u"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><title>"_qs + title +
                u"</title><style>"_qs + QString::fromLatin1(kStyle) + u"</style></head><body>\n<h1>"_qs + title +
                u"</h1>\n"_qs;
        head();
        drift();
        quality();
        performance();
        alerts();
        how();
        return m_out + u"</body></html>\n"_qs;
    }

private:
    void section(const QString& title) { m_out += u"<h2>"_qs + title + u"</h2>\n"_qs; }
    void paragraph(const QString& text) { m_out += u"<p>"_qs + esc(text) + u"</p>\n"_qs; }

    void head() {
        const auto& e = m_data.drift.evaluation;
        QStringList parts{QString::fromStdString(m_data.workspace)};
        if (!e.version.empty())
            parts +=
                (m_data.judged ? u"against the profile of "_qs : u"against "_qs) + QString::fromStdString(e.version);
        parts += theme::count(e.rows) + u" rows"_qs;
        parts += u"made "_qs + theme::time(m_data.made, m_data.zone) + u" ("_qs +
                 QString::fromStdString(m_data.zone.name()) + u')';
        m_out += u"<p class=\"muted\">"_qs + esc(parts.join(u" · "_qs)) + u"</p>\n"_qs;
        if (!e.summary.empty()) paragraph(QString::fromStdString(e.summary) + u'.');
    }

    void drift() {
        section(u"What drifted"_qs);
        std::vector<const ports::Finding*> findings;
        for (const ports::Finding& f : m_data.drift.evaluation.findings)
            if (f.check == "drift" && !f.feature.empty()) findings.push_back(&f);
        if (findings.empty())
            return paragraph(m_data.driftProblem.empty() ? u"Nothing was judged."_qs
                                                         : QString::fromStdString(m_data.driftProblem) + u'.');
        if (!m_data.judged)
            paragraph(u"No monitor has judged this window; it is compared with the window before, by the defaults."_qs);
        const auto strength = [](const ports::Finding* f) {
            return std::isfinite(f->verdict.effect) ? f->verdict.effect : -1;
        };
        std::stable_sort(findings.begin(), findings.end(), [&](const auto* a, const auto* b) {
            const bool left = a->verdict.state == State::Drift, right = b->verdict.state == State::Drift;
            return left != right ? left : strength(a) > strength(b);
        });
        Table table({u"column"_qs, u"state"_qs, u"effect (95 % interval)"_qs, u"minimum"_qs, u"q"_qs, u"n reference"_qs,
                     u"n now"_qs, u"method"_qs},
                    {2, 3, 4, 5, 6});
        for (const ports::Finding* f : findings) {
            const auto& v = f->verdict;
            QString method = esc(drift::methodWords(v.method));
            if (!v.reason.empty()) method += (method.isEmpty() ? QString() : u"; "_qs) + esc(v.reason);
            table.add({esc(f->feature), stateCell(*f), effectCell(v), esc(drift::effectText(v.minimumEffect, v.method)),
                       esc(drift::pText(v.qValue)), theme::count(v.nReference), theme::count(v.nCurrent), method});
        }
        m_out += table.html();
        m_out += histogramFigures(m_data, kHistograms);
    }

    void quality() {
        section(u"Data quality"_qs);
        Table missing({u"column"_qs, u"state"_qs, u"missing now"_qs, u"change (95 % interval)"_qs, u"n now"_qs},
                      {2, 3, 4});
        for (const ports::Finding& f : m_data.drift.evaluation.findings)
            if (f.check == "missing" && (f.missingShare > 0 || f.verdict.state == State::Drift))
                missing.add({esc(f.feature), stateCell(f), theme::percent(f.missingShare), effectCell(f.verdict),
                             theme::count(f.verdict.nCurrent)});
        Table days({u"window"_qs, u"monitor"_qs, u"what"_qs, u"state"_qs, u"by how much (95 % interval)"_qs, u"n"_qs},
                   {4, 5});
        std::size_t judged = 0;
        for (const ports::Evaluation& e : m_data.quality)
            for (const ports::Finding& f : e.findings) {
                ++judged;
                if (f.verdict.state != State::Drift) continue;
                days.add({esc(theme::range(e.window, m_data.zone)), esc(e.monitor),
                          esc((f.feature.empty() ? std::string() : f.feature + ", ") + f.check), stateCell(f),
                          effectCell(f.verdict), theme::count(f.verdict.nCurrent)});
            }
        if (missing.empty() && days.empty() && judged == 0)
            return paragraph(u"No column lacks values, and no monitor watches the quality."_qs);
        if (!missing.empty()) m_out += missing.html();
        if (missing.empty()) paragraph(u"No column lacks values."_qs);
        if (!days.empty()) m_out += days.html();
        paragraph(u"%1 checks of traffic, missing values, ranges and unseen values in the window; %2."_qs.arg(
            theme::count(judged), days.empty() ? u"none failed"_qs : u"those that failed are listed"_qs));
    }

    void performance() {
        section(u"Performance"_qs);
        const auto& report = m_data.performance;
        const auto* v = report.main();
        if (!v)
            return paragraph(m_data.performanceProblem.empty() ? u"No row of the window was scored."_qs
                                                               : QString::fromStdString(m_data.performanceProblem));
        if (!m_data.filters.empty()) {
            QStringList filters;
            for (const auto& f : m_data.filters)
                filters += QString::fromStdString(f);
            paragraph(u"Only rows with: "_qs + filters.join(u", "_qs));
        }
        if (!v->problem.empty()) paragraph(QString::fromStdString(v->version + ": " + v->problem) + u'.');
        Table table({u"version"_qs, u"metric"_qs, u"value (95 % interval)"_qs, u"labels known"_qs, u"interval by"_qs},
                    {2, 3});
        for (const auto& version : report.versions)
            for (const auto& m : version.overall)
                table.add({esc(version.version), esc(items::metricTitle(m.name)),
                           esc(performance::metricText(m.name, m.value)),
                           theme::count(m.labelled) + u" of "_qs + theme::count(m.rows),
                           esc(items::intervalWords(m.interval))});
        if (table.empty())
            paragraph(u"No outcome of the window's rows is known yet."_qs);
        else
            m_out += performanceFigures(m_data) + table.html();
    }

    void alerts() {
        section(u"Alerts"_qs);
        Table table({u"alert"_qs, u"severity"_qs, u"state"_qs, u"since"_qs, u"resolved"_qs, u"summary"_qs}, {});
        for (const ports::Alert& a : m_data.alerts) {
            const auto summary = a.annotations.find("summary");
            table.add({esc(a.name), esc(std::string(ports::toString(a.severity))),
                       esc(std::string(ports::toString(a.state)) + (a.silenced ? ", silenced" : "")),
                       esc(theme::time(a.firingSince.value_or(a.pendingSince), m_data.zone)),
                       a.resolvedAt ? esc(theme::time(*a.resolvedAt, m_data.zone)) : u"–"_qs,
                       summary == a.annotations.end() ? QString() : esc(summary->second)});
        }
        if (table.empty()) return paragraph(u"No alert was open in the window."_qs);
        m_out += table.html();
    }

    void how() {
        section(u"How the numbers were made"_qs);
        QStringList lines;
        const auto& options = m_data.monitor ? m_data.monitor->options : statistics::DriftOptions{};
        lines +=
            u"Drift: current rows counted on bins frozen on the reference (%1 rows of %2). A column drifts when no "
            u"drift is rejected at this number of rows, with false alarms held at %3 over all columns together "
            u"(Benjamini-Hochberg), and the 95 % interval of its effect clears the minimum effect. \"Not enough "
            u"data\": twice the minimum effect would be missed with a probability above %4."_qs.arg(
                theme::count(m_data.drift.profile.rows),
                QString::fromStdString(m_data.drift.profile.version.empty() ? m_data.drift.evaluation.version
                                                                            : m_data.drift.profile.version),
                theme::percent(options.falseAlarmRate, 0), theme::percent(1 - options.power, 0));
        if (m_data.monitor && m_data.judged)
            lines += u"Judged by monitor "_qs + QString::fromStdString(m_data.drift.evaluation.monitor) + u" on "_qs +
                     theme::time(m_data.drift.evaluation.evaluatedAt, m_data.zone) + u", revision "_qs +
                     QString::number(m_data.drift.evaluation.revision) + u'.';
        lines += performance::howMade(m_data.performance, m_data.zone);
        for (const QString& line : lines)
            paragraph(line);
    }

    const ReportData& m_data;
    QString m_out;
};

}  // namespace

QByteArray renderReport(const ReportData& data) {
    QString page = Page(data).html();
    // XML has no place for control characters, whatever a name holds.
    for (QChar& c : page)
        if (c.unicode() < 0x20 && c != u'\n' && c != u'\t') c = QChar::ReplacementCharacter;
    return page.toUtf8();
}

}  // namespace pilothouse::app
