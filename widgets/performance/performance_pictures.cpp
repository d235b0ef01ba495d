// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/performance/performance_pictures.h"

#include <cmath>

#include "widgets/theme/format.h"

namespace pilothouse::performance {

using chart::PlotCurve;
using chart::PlotPicture;
using items::BinaryPicture;
using items::VersionPerformance;
using theme::Token;

namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }
QString capital(QString s) {
    if (!s.isEmpty()) s[0] = s[0].toUpper();
    return s;
}
QString rowsText(std::uint64_t n) { return u"n "_qs + theme::count(n); }

/// What is outlined, and what it is called.
struct Outline {
    const BinaryPicture* binary = nullptr;
    const items::RegressionPicture* regression = nullptr;
    QString name;
};

/// The rows shown are others than the reference's: a curve beside itself says nothing.
bool beyondReference(const VersionPerformance& v) {
    return v.reference && v.seen.end > v.reference->range.end + v.seen.duration() / 2;
}

Outline outlineOf(const items::PerformanceReport& report) {
    Outline out;
    if (const VersionPerformance* other = report.comparison()) {
        out.name = text(other->version);
        if (other->binary) out.binary = &*other->binary;
        if (other->regression) out.regression = &*other->regression;
    } else if (const VersionPerformance* main = report.main();
               main && main->referencePicture && beyondReference(*main)) {
        out.name = u"reference"_qs;
        out.binary = &*main->referencePicture;
    }
    return out;
}

PlotCurve curveOf(const std::vector<statistics::CurvePoint>& points, const QString& name, bool outline,
                  PlotCurve::Style style, const QString& xName, const QString& yName) {
    PlotCurve c;
    c.name = name;
    c.style = style;
    c.outline = outline;
    if (outline) c.token = Token::Reference;
    c.colorName = name;
    for (const auto& p : points) {
        c.points.emplace_back(p.x, p.y);
        c.tips += (outline ? name + u'\n' : QString()) + xName + u' ' + theme::percent(p.x) + u", "_qs + yName + u' ' +
                  theme::percent(p.y) + u"\nscore ≥ "_qs + theme::number(p.threshold);
    }
    return c;
}

PlotCurve markOf(const statistics::CurvePoint& at, const QString& colorName) {
    PlotCurve c;
    c.style = PlotCurve::Style::Dots;
    c.colorName = colorName;
    if (std::isnan(at.x)) return c;
    c.points.emplace_back(at.x, at.y);
    c.tips += u"at the version's threshold, score ≥ "_qs + theme::number(at.threshold);
    return c;
}

PlotPicture shares(const QString& title, const QString& note, const QString& x, const QString& y) {
    PlotPicture p;
    p.title = title;
    p.note = note;
    p.xTitle = x;
    p.yTitle = y;
    p.x.kind = p.y.kind = chart::ValueKind::Share;
    p.x.low = p.y.low = 0;
    p.x.high = p.y.high = 1;
    return p;
}

PlotPicture confusionPicture(const VersionPerformance& v, const BinaryPicture& b, const Outline& other) {
    PlotPicture p;
    p.title = QObject::tr("Confusion matrix");
    p.note = u"score ≥ "_qs + theme::number(v.threshold) + u" · "_qs + rowsText(b.labelled);
    const QString positive = v.positiveClass.empty() ? u"1"_qs : text(v.positiveClass);
    const QString negative = v.positiveClass.empty() ? u"0"_qs : u"not "_qs + positive;
    p.columns = {u"called "_qs + positive, u"called "_qs + negative};
    p.shortColumns = {u"→ "_qs + positive, u"→ "_qs + negative};
    p.rows = {u"is "_qs + positive, u"is "_qs + negative};
    const auto cell = [&](std::uint64_t n, std::uint64_t row, std::uint64_t otherN, std::uint64_t otherRow, bool good,
                          const QString& what) {
        PlotPicture::Cell c;
        const double share = row == 0 ? 0 : static_cast<double>(n) / static_cast<double>(row);
        c.text = theme::count(n);
        c.more = row == 0 ? u"–"_qs : theme::percent(share) + u" of row"_qs;
        c.shortMore = row == 0 ? u"–"_qs : theme::percent(share, 0);
        c.tip = what + u": "_qs + c.text + u" of "_qs + theme::count(row) + u" rows with that outcome"_qs;
        if (otherRow > 0)
            c.tip += u'\n' + other.name + u": "_qs +
                     theme::percent(static_cast<double>(otherN) / static_cast<double>(otherRow));
        c.shade = share;
        c.good = good;
        p.cells.push_back(c);
    };
    const auto& m = b.confusion;
    const statistics::ConfusionMatrix none;
    const auto& o = other.binary ? other.binary->confusion : none;
    const auto is = m.truePositive + m.falseNegative, isNot = m.trueNegative + m.falsePositive;
    const auto was = o.truePositive + o.falseNegative, wasNot = o.trueNegative + o.falsePositive;
    cell(m.truePositive, is, o.truePositive, was, true, u"true positive"_qs);
    cell(m.falseNegative, is, o.falseNegative, was, false, u"false negative"_qs);
    cell(m.falsePositive, isNot, o.falsePositive, wasNot, false, u"false positive"_qs);
    cell(m.trueNegative, isNot, o.trueNegative, wasNot, true, u"true negative"_qs);
    return p;
}

PlotPicture rocPicture(const VersionPerformance& v, const BinaryPicture& b, const Outline& other) {
    PlotPicture p = shares(QObject::tr("ROC"), u"AUC "_qs + theme::number(b.auc), QObject::tr("false positive rate"),
                           QObject::tr("recall"));
    PlotCurve diagonal;
    diagonal.style = PlotCurve::Style::Diagonal;
    diagonal.token = Token::TextDisabled;
    diagonal.points = {{0, 0}, {1, 1}};
    p.curves.push_back(diagonal);
    if (b.roc.empty()) p.empty = QObject::tr("needs labelled rows of both classes");
    if (other.binary)
        p.curves.push_back(curveOf(other.binary->roc, other.name, true, PlotCurve::Style::Line,
                                   QObject::tr("false positive rate"), QObject::tr("recall")));
    p.curves.push_back(curveOf(b.roc, text(v.version), false, PlotCurve::Style::Line,
                               QObject::tr("false positive rate"), QObject::tr("recall")));
    p.curves.push_back(markOf(b.rocAtThreshold, text(v.version)));
    return p;
}

PlotPicture precisionPicture(const VersionPerformance& v, const BinaryPicture& b, const Outline& other) {
    PlotPicture p = shares(QObject::tr("Precision and recall"), u"average "_qs + theme::number(b.averagePrecision),
                           QObject::tr("recall"), QObject::tr("precision"));
    if (b.precisionRecall.empty()) p.empty = QObject::tr("needs a labelled positive row");
    PlotCurve base;
    base.style = PlotCurve::Style::Diagonal;
    base.token = Token::TextDisabled;
    base.points = {{0, b.prevalence}, {1, b.prevalence}};
    p.curves.push_back(base);
    const auto add = [&](const BinaryPicture& from, const QString& name, bool outline) {
        p.curves.push_back(curveOf(from.precisionRecall, name, outline, PlotCurve::Style::Steps, QObject::tr("recall"),
                                   QObject::tr("precision")));
    };
    if (other.binary) add(*other.binary, other.name, true);
    add(b, text(v.version), false);
    p.curves.push_back(markOf(b.precisionRecallAtThreshold, text(v.version)));
    return p;
}

PlotCurve reliabilityCurve(const BinaryPicture& b, const QString& name, bool outline) {
    PlotCurve c;
    c.name = name;
    c.style = PlotCurve::Style::Dots;
    c.outline = outline;
    if (outline) c.token = Token::Reference;
    c.colorName = name;
    for (const auto& bin : b.reliability) {
        c.points.emplace_back(bin.meanScore, bin.share.value);
        c.low.push_back(bin.share.low);
        c.high.push_back(bin.share.high);
        c.tips += name + u": scores "_qs + theme::number(bin.low) + u" – "_qs + theme::number(bin.high) +
                  u"\npositive "_qs + theme::withInterval(bin.share.value, bin.share.low, bin.share.high) + u'\n' +
                  rowsText(bin.n);
    }
    return c;
}

PlotPicture calibrationPicture(const VersionPerformance& v, const BinaryPicture& b, const Outline& other) {
    const auto* error = v.metric("ece");
    PlotPicture p =
        shares(QObject::tr("Calibration"), error ? u"error "_qs + theme::number(error->value.value) : QString(),
               QObject::tr("mean score"), QObject::tr("share positive"));
    if (b.reliability.empty()) p.empty = QObject::tr("needs labelled rows");
    double most = 0;
    for (const auto* from : {&b, other.binary})
        for (std::size_t i = 0; from && i < from->reliability.size(); ++i) {
            const auto& bin = from->reliability[i];
            most = std::max({most, bin.meanScore, std::isnan(bin.share.high) ? bin.share.value : bin.share.high});
        }
    // Where no score reaches up there, the upper part would be empty ground.
    p.xHigh = p.yHigh = std::min(1.0, std::ceil(most * 10 + 0.2) / 10);
    p.x.high = p.y.high = p.xHigh;
    PlotCurve diagonal;
    diagonal.style = PlotCurve::Style::Diagonal;
    diagonal.token = Token::TextDisabled;
    diagonal.points = {{0, 0}, {p.xHigh, p.xHigh}};
    p.curves.push_back(diagonal);
    // Bins are of about equal count, so the floor shows how dense the scores lie: rows over width.
    double densest = 0;
    const auto density = [](const statistics::ReliabilityBin& bin) {
        return static_cast<double>(bin.n) / std::max(0.005, bin.high - bin.low);
    };
    for (const auto& bin : b.reliability)
        densest = std::max(densest, density(bin));
    for (const auto& bin : b.reliability)
        p.floor.push_back({bin.low, std::max(bin.high, bin.low + 0.005), density(bin) / densest});
    if (other.binary) p.curves.push_back(reliabilityCurve(*other.binary, other.name, true));
    p.curves.push_back(reliabilityCurve(b, text(v.version), false));
    return p;
}

PlotPicture scatterPicture(const VersionPerformance& v, const items::RegressionPicture& r) {
    PlotPicture p;
    p.title = QObject::tr("Predicted and actual");
    p.note = theme::count(r.points.size()) + u" of "_qs + theme::count(r.labelled) + u" rows"_qs;
    p.xTitle = QObject::tr("predicted");
    p.yTitle = QObject::tr("actual");
    if (r.points.empty()) {
        p.empty = QObject::tr("needs labelled rows");
        return p;
    }
    double low = r.points.front().first, high = low;
    PlotCurve dots;
    dots.style = PlotCurve::Style::Dots;
    dots.colorName = text(v.version);
    for (const auto& [predicted, actual] : r.points) {
        low = std::min({low, predicted, actual});
        high = std::max({high, predicted, actual});
        dots.points.emplace_back(predicted, actual);
        dots.tips += u"predicted "_qs + theme::number(predicted) + u", actual "_qs + theme::number(actual);
    }
    p.xLow = p.yLow = low;
    p.xHigh = p.yHigh = high;
    PlotCurve diagonal;
    diagonal.style = PlotCurve::Style::Diagonal;
    diagonal.token = Token::TextDisabled;
    diagonal.points = {{low, low}, {high, high}};
    p.curves = {dots, diagonal};
    return p;
}

PlotCurve residualBars(const items::RegressionPicture& r, const QString& name, bool outline) {
    PlotCurve c;
    c.name = name;
    c.style = PlotCurve::Style::Bars;
    c.outline = outline;
    if (outline) c.token = Token::Reference;
    c.colorName = name;
    for (const auto& bin : r.histogram) {
        const double share = static_cast<double>(bin.n) / static_cast<double>(r.labelled);
        // Heights are shares a unit, so that two histograms on bins of their own compare.
        c.points.emplace_back((bin.low + bin.high) / 2, share / (bin.high - bin.low));
        c.edges.push_back(bin.low);
        c.tips += name + u": residual "_qs + theme::number(bin.low) + u" – "_qs + theme::number(bin.high) + u'\n' +
                  theme::count(bin.n) + u" rows, "_qs + theme::percent(share);
    }
    if (!r.histogram.empty()) c.edges.push_back(r.histogram.back().high);
    return c;
}

PlotPicture residualPicture(const VersionPerformance& v, const items::RegressionPicture& r, const Outline& other) {
    PlotPicture p;
    p.title = QObject::tr("Residuals");
    p.note = QObject::tr("actual less predicted; outer bars hold the rest");
    p.xTitle = QObject::tr("residual");
    if (r.histogram.empty()) {
        p.empty = QObject::tr("needs labelled rows");
        return p;
    }
    p.curves.push_back(residualBars(r, text(v.version), false));
    if (other.regression && !other.regression->histogram.empty())
        p.curves.push_back(residualBars(*other.regression, other.name, true));
    p.xLow = r.histogram.front().low;
    p.xHigh = r.histogram.back().high;
    p.yHigh = 0;
    for (const PlotCurve& c : p.curves)
        for (const QPointF& at : c.points)
            p.yHigh = std::max(p.yHigh, at.y());
    p.y.fromZero = true;
    return p;
}

}  // namespace

std::vector<PlotPicture> picturesOf(const items::PerformanceReport& report) {
    std::vector<PlotPicture> out;
    const VersionPerformance* v = report.main();
    if (!v) return out;
    const Outline other = outlineOf(report);
    if (v->task == items::PerformanceTask::Regression) {
        const items::RegressionPicture none;
        const auto& r = v->regression ? *v->regression : none;
        out.push_back(scatterPicture(*v, r));
        out.push_back(residualPicture(*v, r, other));
        return out;
    }
    const BinaryPicture none;
    const BinaryPicture& b = v->binary ? *v->binary : none;
    out.push_back(confusionPicture(*v, b, other));
    out.push_back(rocPicture(*v, b, other));
    out.push_back(precisionPicture(*v, b, other));
    out.push_back(calibrationPicture(*v, b, other));
    if (!v->binary)
        for (PlotPicture& p : out)
            p.empty = !v->problem.empty() ? text(v->problem) : QObject::tr("no outcome is known yet in this range");
    return out;
}

QString metricText(std::string_view metric, const statistics::Interval& value) {
    if (std::isnan(value.value)) return u"–"_qs;
    if (items::isShare(metric)) {
        QString out = theme::percent(value.value);
        if (!std::isnan(value.low))
            out += u" ("_qs + theme::percent(value.low) + u" – "_qs + theme::percent(value.high) + u')';
        return out;
    }
    if (std::abs(value.value) < 10) {
        return std::isnan(value.low) ? QString::number(value.value, 'f', 3)
                                     : theme::withInterval(value.value, value.low, value.high);
    }
    QString out = theme::number(value.value, 4);
    if (!std::isnan(value.low))
        out += u" ("_qs + theme::number(value.low, 4) + u" – "_qs + theme::number(value.high, 4) + u')';
    return out;
}

QString howMeasured(const statistics::MetricValue& value) {
    return text(items::metricTitle(value.name)) + u": 95 % interval by "_qs +
           text(items::intervalWords(value.interval)) + u"; "_qs + theme::count(value.labelled) + u" of "_qs +
           theme::count(value.rows) + u" rows have a label ("_qs + theme::percent(value.maturity()) + u")"_qs;
}

QStringList howMade(const items::PerformanceReport& report, const Zone& zone) {
    QStringList out;
    const VersionPerformance* v = report.main();
    if (!v) return out;
    QString task = v->task == items::PerformanceTask::Regression ? u"regression"_qs : u"binary"_qs;
    if (v->registered) {
        task += u", as the registry says of "_qs + text(v->version);
    } else {
        task += u", as its scores and outcomes look: the registry does not know "_qs + text(v->version);
    }
    out += u"Task: "_qs + task +
           (v->task == items::PerformanceTask::Binary
                ? u"; called positive at a score of "_qs + theme::number(v->threshold) + u" or more"_qs
                : QString()) +
           u'.';
    out += u"Realised: from "_qs + theme::count(v->labelled) + u" of "_qs + theme::count(v->rows) +
           u" scored rows whose outcome is known now ("_qs +
           theme::percent(v->rows == 0 ? 0 : static_cast<double>(v->labelled) / static_cast<double>(v->rows)) +
           u"), joined by request id; bands are 95 % intervals. Labels take "_qs + theme::duration(report.labelDelay) +
           u": windows that ended later, or with labels for less than half of their rows, are drawn as grey dots."_qs;
    out += u"Dependence: "_qs + text(report.clusterWords) + u'.';
    if (v->reference) {
        out +=
            u"Estimated without labels (dashed): confidence-based performance estimation (CBPE) from the scores alone, "
            u"fitted on "_qs +
            theme::count(v->reference->labelled) + u" labelled rows of "_qs + text(v->version) + u", "_qs +
            theme::range(
                {zone.startOfDay(v->reference->range.start), zone.nextMidnight(v->reference->range.end - Duration(1))},
                zone) +
            (v->reference->calibrated ? u"; scores are calibrated by an isotonic map"_qs
                                      : u"; its scores needed no calibration"_qs) +
            u". It holds while scores stay calibrated and the relation of inputs to outcome is the same: a fall of the "
            u"realised line below the dashed one is concept drift. Bands: ± 1.96 sampling errors. "_qs +
            capital(text(v->estimateNote)) + u'.';
    } else if (!v->estimateNote.empty()) {
        out += capital(text(v->estimateNote)) + u'.';
    }
    return out;
}

}  // namespace pilothouse::performance
