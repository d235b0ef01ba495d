// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>

#include "app/demo_command.h"

namespace pilothouse::app {

namespace {

QString escaped(const QJsonValue& value) {
    if (value.isDouble()) {
        const double number = value.toDouble();
        const bool whole = number == static_cast<double>(static_cast<qint64>(number));
        return whole ? QLocale::c().toString(static_cast<qint64>(number)) : QString::number(number, 'g', 4);
    }
    if (value.isNull() || value.isUndefined()) return QStringLiteral("–");
    if (value.isBool()) return value.toBool() ? QStringLiteral("yes") : QStringLiteral("no");
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        if (!object.contains(QStringLiteral("value"))) return QStringLiteral("…");
        QString out = QString::number(object.value(QStringLiteral("value")).toDouble(), 'f', 3);
        if (object.value(QStringLiteral("low")).isDouble())
            out += QStringLiteral(" (%1 – %2)")
                       .arg(object.value(QStringLiteral("low")).toDouble(), 0, 'f', 3)
                       .arg(object.value(QStringLiteral("high")).toDouble(), 0, 'f', 3);
        return out;
    }
    return value.toString().toHtmlEscaped();
}

/// An array of objects as a table; its columns are the keys of the first object.
QString table(const QJsonArray& rows, const QStringList& columns) {
    QString out = QStringLiteral("<table><tr>");
    for (const QString& column : columns)
        out += QStringLiteral("<th>%1</th>")
                   .arg(QString(column).replace(QLatin1Char('_'), QLatin1Char(' ')).toHtmlEscaped());
    out += QStringLiteral("</tr>\n");
    for (const QJsonValue& row : rows) {
        out += QStringLiteral("<tr>");
        for (const QString& column : columns) {
            QJsonValue value = row.toObject().value(column);
            if (value.isUndefined()) value = row.toObject().value(QStringLiteral("metrics")).toObject().value(column);
            out +=
                QStringLiteral("<td%1>%2</td>")
                    .arg(value.isDouble() || value.isObject() ? QStringLiteral(" class=n") : QString(), escaped(value));
        }
        out += QStringLiteral("</tr>\n");
    }
    return out + QStringLiteral("</table>\n");
}

QString facts(const QJsonObject& object) {
    QString out = QStringLiteral("<table>");
    for (auto it = object.begin(); it != object.end(); ++it)
        out += QStringLiteral("<tr><th>%1</th><td class=n>%2</td></tr>\n")
                   .arg(QString(it.key()).replace(QLatin1Char('_'), QLatin1Char(' ')).toHtmlEscaped(),
                        escaped(it.value()));
    return out + QStringLiteral("</table>\n");
}

/// kind → state → count as one table.
QString verdictTable(const QJsonObject& verdicts) {
    const QStringList states{QStringLiteral("ok"), QStringLiteral("drift"), QStringLiteral("insufficient"),
                             QStringLiteral("unavailable")};
    QJsonArray rows;
    for (auto it = verdicts.begin(); it != verdicts.end(); ++it) {
        QJsonObject row{{QStringLiteral("monitor"), it.key()}};
        for (const QString& state : states)
            row.insert(state, it.value().toObject().value(state).toInt());
        rows.append(row);
    }
    return table(rows, QStringList{QStringLiteral("monitor")} + states);
}

constexpr const char* kStyle =
    "body{font:14px/1.45 'Noto Sans',sans-serif;color:#1c2024;background:#fff;max-width:1200px;margin:24px "
    "auto;padding:0 16px}"
    "h1{font-size:22px}h2{font-size:16px;margin-top:28px;border-bottom:1px solid #d0d5da;padding-bottom:4px}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "th,td{text-align:left;padding:3px 14px 3px 0;border-bottom:1px solid #e6e9ec;vertical-align:top}"
    "th{color:#5b646d;font-weight:500}.n{text-align:right}img{max-width:100%;border:1px solid #d0d5da}"
    "code{font-size:12px;word-break:break-all}@media print{body{margin:0}h2{break-after:avoid}img{break-inside:avoid}}";

/// The interval of [value, low, high], or of [low, high] beside a value.
QString withInterval(double value, const QJsonArray& interval, int digits) {
    const qsizetype from = interval.size() - 2;
    return QStringLiteral("%1 (%2 – %3)")
        .arg(value, 0, 'f', digits)
        .arg(interval.at(from).toDouble(), 0, 'f', digits)
        .arg(interval.at(from + 1).toDouble(), 0, 'f', digits)
        .replace(QLatin1Char('-'), QChar(0x2212));
}

/// What drifted, with the median effect of each month beside.
QString driftTable(const QJsonArray& features) {
    QStringList months;
    for (const QJsonValue& feature : features)
        for (const QJsonValue& month : feature[QLatin1String("months")].toArray())
            if (const QString name = month[QLatin1String("month")].toString(); !months.contains(name)) months << name;
    months.sort();
    QJsonArray rows;
    for (const QJsonValue& f : features) {
        QJsonObject row{{QStringLiteral("column"), f[QLatin1String("feature")]},
                        {QStringLiteral("largest"), f[QLatin1String("effect_text")]},
                        {QStringLiteral("interval"), QStringLiteral("%1 – %2")
                                                         .arg(f[QLatin1String("interval")][0].toDouble(), 0, 'f', 2)
                                                         .arg(f[QLatin1String("interval")][1].toDouble(), 0, 'f', 2)},
                        {QStringLiteral("from"), f[QLatin1String("largest_from")]},
                        {QStringLiteral("windows drifted"), QStringLiteral("%1 of %2")
                                                                .arg(f[QLatin1String("drifted")].toInt())
                                                                .arg(f[QLatin1String("judged")].toInt())}};
        for (const QJsonValue& month : f[QLatin1String("months")].toArray())
            row.insert(month[QLatin1String("month")].toString(),
                       QString::number(month[QLatin1String("median_effect")].toDouble(), 'f', 2));
        rows.append(row);
    }
    return table(rows, QStringList{QStringLiteral("column"), QStringLiteral("largest"), QStringLiteral("interval"),
                                   QStringLiteral("from"), QStringLiteral("windows drifted")} +
                           months);
}

QString explainedTable(const QJsonArray& versions) {
    QJsonArray rows;
    for (const QJsonValue& v : versions) {
        QJsonObject row{{QStringLiteral("version"), v[QLatin1String("version")]},
                        {QStringLiteral("note"), v[QLatin1String("reason")].toString()}};
        if (v[QLatin1String("change")].isArray()) {
            row.insert(QStringLiteral("held out"), QString::number(v[QLatin1String("held_out")].toDouble(), 'f', 3));
            row.insert(QStringLiteral("served"), QString::number(v[QLatin1String("served")].toDouble(), 'f', 3));
            for (const char* part : {"change", "by_covariates", "by_concept"}) {
                const QJsonArray interval = v[QLatin1String(part)].toArray();
                row.insert(QLatin1String(part), withInterval(interval.at(0).toDouble(), interval, 3));
            }
            QStringList by;
            for (const QJsonValue& feature : v[QLatin1String("told_apart_by")].toArray())
                by << feature[QLatin1String("feature")].toString();
            row.insert(QStringLiteral("inputs told apart by"),
                       by.first(std::min<qsizetype>(by.size(), 3)).join(QStringLiteral(", ")));
            row.insert(QStringLiteral("effective rows"), v[QLatin1String("effective_rows")]);
        }
        rows.append(row);
    }
    return table(rows,
                 {QStringLiteral("version"), QStringLiteral("held out"), QStringLiteral("served"),
                  QStringLiteral("change"), QStringLiteral("by_covariates"), QStringLiteral("by_concept"),
                  QStringLiteral("inputs told apart by"), QStringLiteral("effective rows"), QStringLiteral("note")});
}

/// The largest changes; all of them stand in report.json.
QString categoryTable(const QJsonArray& changes) {
    constexpr qsizetype kMost = 25;
    QJsonArray rows;
    for (qsizetype i = 0; i < std::min(kMost, changes.size()); ++i) {
        QJsonObject row = changes[i].toObject();
        for (const char* share : {"share", "share_before"})
            row[QLatin1String(share)] =
                QString::number(100 * row[QLatin1String(share)].toDouble(), 'f', 2) + QStringLiteral(" %");
        rows.append(row);
    }
    QString out = table(rows, {QStringLiteral("column"), QStringLiteral("value"), QStringLiteral("change"),
                               QStringLiteral("since"), QStringLiteral("rows"), QStringLiteral("expected"),
                               QStringLiteral("share"), QStringLiteral("share_before")});
    if (changes.size() > kMost) out += QStringLiteral("<p>%1 more in report.json.</p>\n").arg(changes.size() - kMost);
    return out;
}

QStringList names(std::initializer_list<const char*> list) {
    QStringList out;
    for (const char* name : list)
        out << QString::fromLatin1(name);
    return out;
}

}  // namespace

QByteArray reportHtml(const QJsonObject& report, const std::vector<std::pair<QString, QByteArray>>& pictures) {
    const auto array = [&report](const char* key) { return report.value(QLatin1String(key)).toArray(); };
    QString page =
        QStringLiteral(
            "<!doctype html><html lang=en><meta charset=utf-8><title>Pilothouse: the year of a model</title><style>") +
        QString::fromLatin1(kStyle) + QStringLiteral("</style>\n<h1>The year of a model</h1>\n") +
        QStringLiteral(
            "<p>Flights from New York, 2013: does a flight arrive more than 15 minutes late, asked at its "
            "scheduled departure. Intervals are 95 %.</p>\n<h2>Rows</h2>\n");
    page += facts(report.value(QStringLiteral("rows")).toObject());
    page += QStringLiteral("<h2>Versions</h2>\n") +
            table(array("versions"), names({"version", "created", "auc", "auc_baseline", "auc_difference_baseline",
                                            "auc_difference_champion", "training_rows"}));
    page +=
        QStringLiteral("<h2>Runs</h2>\n") + table(array("runs"), names({"id", "started", "state", "cause", "result"}));
    page += QStringLiteral("<h2>Alerts</h2>\n") +
            table(array("alerts"), names({"alert", "severity", "state", "firing_since", "resolved_at", "summary"}));
    page += QStringLiteral("<h2>Verdicts</h2>\n") + verdictTable(report.value(QStringLiteral("verdicts")).toObject());
    page +=
        QStringLiteral(
            "<h2>What drifted</h2>\n<p>Weeks against the rows that the version of that time was trained on, scores by "
            "day; the largest effect that is safe to say, and the median effect of each month.</p>\n") +
        driftTable(array("drift"));
    page += QStringLiteral(
                "<h2>What came, went or changed</h2>\n<p>Categories and pairs of them against the history.</p>\n") +
            categoryTable(array("categories"));
    page += QStringLiteral("<h2>Days that stand out</h2>\n") +
            table(array("days"), names({"day", "monitor", "rows", "summary"}));
    page +=
        QStringLiteral(
            "<h2>Why the loss changed</h2>\n<p>Mean log loss on the rows a version was held out from and on those it "
            "served; by covariates: what the features alone explain, their rows reweighted; by concept: the rest. "
            "Intervals are 95 %.</p>\n") +
        explainedTable(array("explained"));
    page += QStringLiteral("<h2>Months</h2>\n") +
            table(array("months"), names({"month", "rows", "predicted", "with_outcome", "late_share", "auc"}));
    for (const auto& [name, png] : pictures)
        page += QStringLiteral("<h2>%1</h2>\n<img alt=\"%1\" src=\"data:image/png;base64,%2\">\n")
                    .arg(name, QString::fromLatin1(png.toBase64()));
    page += QStringLiteral("<h2>Dates</h2>\n") + table(array("dates"), names({"local", "what"}));
    page += QStringLiteral("<h2>Digest</h2>\n<p><code>%1</code></p>\n")
                .arg(escaped(report.value(QStringLiteral("digest"))));
    return page.toUtf8();
}

}  // namespace pilothouse::app
