// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/segment_model.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

namespace pilothouse::items {

namespace {

QString numberText(std::string_view metric, double v) {
    if (std::isnan(v)) return QStringLiteral("–");
    if (isShare(metric)) return QString::number(100 * v, 'f', 1) + QStringLiteral(" %");
    return std::abs(v) < 10 ? QString::number(v, 'f', 3) : QString::number(v, 'g', 4);
}

QString verdictText(SegmentPerformance::Verdict verdict) {
    switch (verdict) {
        case SegmentPerformance::Verdict::Worse:
            return QStringLiteral("worse");
        case SegmentPerformance::Verdict::Like:
            return QStringLiteral("like all rows");
        case SegmentPerformance::Verdict::Better:
            return QStringLiteral("better");
        case SegmentPerformance::Verdict::Insufficient:
            break;
    }
    return QStringLiteral("not enough data");
}

}  // namespace

void SegmentModel::setReport(std::shared_ptr<const SegmentReport> report) {
    beginResetModel();
    m_report = std::move(report);
    m_low = INFINITY;
    m_high = -INFINITY;
    const auto take = [this](double v) {
        if (!std::isfinite(v)) return;
        m_low = std::min(m_low, v);
        m_high = std::max(m_high, v);
    };
    if (m_report) {
        take(m_report->overall.value.value);
        for (const SegmentPerformance& s : m_report->segments) {
            if (s.verdict == SegmentPerformance::Verdict::Insufficient) continue;  // their ends are anywhere
            take(s.metric.value.value);
            take(s.metric.value.low);
            take(s.metric.value.high);
        }
    }
    if (m_low > m_high) {
        m_low = 0;
        m_high = 1;
    }
    endResetModel();
}

int SegmentModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_report ? 0 : static_cast<int>(m_report->segments.size());
}

int SegmentModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant SegmentModel::data(const QModelIndex& index, int role) const {
    if (!m_report || !index.isValid() || index.row() >= rowCount()) return {};
    const SegmentPerformance& s = m_report->segments[static_cast<std::size_t>(index.row())];
    const statistics::Interval& v = s.metric.value;
    switch (role) {
        case Qt::DisplayRole:
            switch (index.column()) {
                case Value:
                    return QString::fromStdString(s.label);
                case Metric:
                    return numberText(m_report->metric, v.value);
                case Labelled:
                    return QLocale(QLocale::English).toString(static_cast<qulonglong>(s.labelled));
                case Verdict:
                    return verdictText(s.verdict);
                default:
                    return {};
            }
        case Qt::ToolTipRole: {
            QString tip =
                QStringLiteral("%1 = %2\n%3 %4")
                    .arg(QString::fromStdString(m_report->column), QString::fromStdString(s.label),
                         QString::fromStdString(metricTitle(m_report->metric)), numberText(m_report->metric, v.value));
            if (!std::isnan(v.low))
                tip += QStringLiteral(" (%1 – %2), 95 % by %3")
                           .arg(numberText(m_report->metric, v.low), numberText(m_report->metric, v.high),
                                QString::fromStdString(intervalWords(s.metric.interval)));
            tip += QStringLiteral("\nn %1 labelled of %2 rows; all rows %3\n%4")
                       .arg(s.labelled)
                       .arg(s.rows)
                       .arg(numberText(m_report->metric, m_report->overall.value.value), verdictText(s.verdict));
            return tip;
        }
        case Qt::TextAlignmentRole:
            return int(index.column() == Metric || index.column() == Labelled ? Qt::AlignRight | Qt::AlignVCenter
                                                                              : Qt::AlignLeft | Qt::AlignVCenter);
        case NumberRole:
            return v.value;
        case LowRole:
            return v.low;
        case HighRole:
            return v.high;
        case OverallRole:
            return m_report->overall.value.value;
        case ScaleRole:
            return QVariantList{m_low, m_high};
        case VerdictRole:
            return static_cast<int>(s.verdict);
        case ClauseRole:
            return QString::fromStdString(s.clause);
        default:
            return {};
    }
}

QVariant SegmentModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return int(section == Metric || section == Labelled ? Qt::AlignRight | Qt::AlignVCenter
                                                            : Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case Value:
            return m_report ? QString::fromStdString(m_report->column) : QString();
        case Metric:
            return m_report ? QString::fromStdString(metricTitle(m_report->metric)) : QString();
        case Interval:
            return QStringLiteral("95 % interval");
        case Labelled:
            return QStringLiteral("n");
        case Verdict:
            return QString();
        default:
            return {};
    }
}

}  // namespace pilothouse::items
