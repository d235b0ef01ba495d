// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/performance/segment_panel.h"

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/theme/marks.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::performance {

using items::SegmentModel;
using theme::Token;
using Verdict = items::SegmentPerformance::Verdict;

namespace {

/// Interval as a bar with a dot on an axis that all rows share; the line is the value of all rows.
class SegmentDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        if (index.column() != SegmentModel::Interval && index.column() != SegmentModel::Verdict)
            return QStyledItemDelegate::paint(painter, option, index);
        QStyleOptionViewItem ground = option;
        initStyleOption(&ground, index);
        ground.text.clear();
        QStyledItemDelegate::paint(painter, ground, index.siblingAtColumn(SegmentModel::Interval));
        painter->save();
        const auto verdict = static_cast<Verdict>(index.data(SegmentModel::VerdictRole).toInt());
        if (index.column() == SegmentModel::Verdict)
            paintVerdict(*painter, option.rect, verdict, index.data().toString());
        else
            paintInterval(*painter, QRectF(option.rect).adjusted(6, 0, -6, 0), verdict, index);
        painter->restore();
    }

private:
    static theme::Mark markOf(Verdict verdict) {
        switch (verdict) {
            case Verdict::Worse:
                return theme::Mark::Warning;
            case Verdict::Like:
            case Verdict::Better:
                return theme::Mark::Ok;
            case Verdict::Insufficient:
                break;
        }
        return theme::Mark::Unknown;
    }
    static void paintVerdict(QPainter& painter, const QRect& box, Verdict verdict, const QString& text) {
        theme::drawMark(painter, QRectF(box.left() + 6, box.top(), 12, box.height()), markOf(verdict));
        painter.setPen(theme::color(Token::Text));
        painter.setFont(theme::font());
        const QRect rest = box.adjusted(24, 0, -2, 0);
        if (rest.width() < 40) return;
        painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(text, Qt::ElideRight, rest.width()));
    }
    static void paintInterval(QPainter& painter, const QRectF& box, Verdict verdict, const QModelIndex& index) {
        const QVariantList scale = index.data(SegmentModel::ScaleRole).toList();
        const double low = scale[0].toDouble(), high = scale[1].toDouble();
        const auto x = [&](double v) {
            return box.left() + std::clamp((v - low) / std::max(high - low, 1e-12), 0.0, 1.0) * box.width();
        };
        const double overall = index.data(SegmentModel::OverallRole).toDouble();
        if (!std::isnan(overall)) {
            painter.setPen(QPen(theme::color(Token::Reference), 1, Qt::DotLine));
            painter.drawLine(QPointF(x(overall), box.top()), QPointF(x(overall), box.bottom()));
        }
        const double from = index.data(SegmentModel::LowRole).toDouble(),
                     to = index.data(SegmentModel::HighRole).toDouble(),
                     value = index.data(SegmentModel::NumberRole).toDouble();
        if (std::isnan(value)) return;
        const QColor color = theme::color(verdict == Verdict::Insufficient ? Token::Unknown
                                          : verdict == Verdict::Worse      ? Token::Warning
                                                                           : Token::Current);
        painter.setRenderHint(QPainter::Antialiasing);
        const double middle = box.center().y();
        if (!std::isnan(from) && !std::isnan(to)) {
            painter.setPen(QPen(color, 2));
            painter.drawLine(QPointF(x(from), middle), QPointF(x(to), middle));
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(QPointF(x(value), middle), 3.2, 3.2);
    }
};

}  // namespace

SegmentPanel::SegmentPanel(QWidget* parent) : QWidget(parent) {
    setObjectName(u"segmentPanel"_qs);
    m_title = new QLabel(tr("By segment, worst first"));
    m_column = new QComboBox;
    m_column->setObjectName(u"segmentColumn"_qs);
    m_column->setAccessibleName(tr("Column of the segments"));
    m_problem = new QLabel;
    m_problem->setObjectName(u"segmentProblem"_qs);
    m_problem->setWordWrap(true);
    m_problem->setContentsMargins(12, 4, 12, 4);
    m_table = new QTableView;
    m_table->setObjectName(u"segmentTable"_qs);
    m_table->setAccessibleName(tr("Performance by segment"));
    m_table->setModel(&m_model);
    m_table->setItemDelegate(new SegmentDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(24);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setMinimumSectionSize(24);
    m_table->horizontalHeader()->setSectionResizeMode(SegmentModel::Interval, QHeaderView::Stretch);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 4, 12, 4);
    head->addWidget(m_title, 1);
    head->addWidget(m_column);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addWidget(m_problem);
    column->addWidget(m_table, 1);
    m_problem->hide();
    connect(m_column, &QComboBox::activated, this, &SegmentPanel::columnChosen);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex& index) {
        const QString clause = index.data(SegmentModel::ClauseRole).toString();
        if (!clause.isEmpty()) Q_EMIT segmentChosen(clause);
    });
    setFocusProxy(m_table);
    dress();
}

void SegmentPanel::dress() {
    QPalette palette = m_title->palette();
    palette.setColor(QPalette::WindowText, theme::color(Token::Text));
    m_title->setPalette(palette);
    m_title->setFont(theme::font(true));
    palette.setColor(QPalette::WindowText, theme::color(Token::TextMuted));
    m_problem->setPalette(palette);
}

void SegmentPanel::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_problem) dress();
}

void SegmentPanel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitColumns();
}

void SegmentPanel::fitColumns() {
    const int all = m_table->viewport()->width();
    // The mark of the verdict stays; its word is what goes first, for the tool tip has it.
    const int value = std::clamp(all / 4, 70, 160), metric = all < 420 ? 70 : 86, n = 62,
              verdict = all < 560 ? 24 : 134;
    m_table->setColumnWidth(SegmentModel::Value, value);
    m_table->setColumnWidth(SegmentModel::Metric, metric);
    m_table->setColumnWidth(SegmentModel::Labelled, n);
    m_table->setColumnWidth(SegmentModel::Verdict, verdict);
}

void SegmentPanel::setColumns(const QStringList& columns) {
    const QString kept = m_column->currentText();
    m_column->clear();
    m_column->addItems(columns);
    const int place = m_column->findText(kept);
    m_column->setCurrentIndex(place >= 0 ? place : columns.isEmpty() ? -1 : 0);
}

QString SegmentPanel::column() const { return m_column->currentText(); }

void SegmentPanel::setReport(std::shared_ptr<const items::SegmentReport> report) {
    m_model.setReport(std::move(report));
    const bool none = m_model.rowCount() == 0;
    m_problem->setText(none ? tr("No row of this version has a value here.") : QString());
    m_problem->setVisible(none);
    fitColumns();
}

void SegmentPanel::setProblem(const QString& text) {
    m_model.setReport(nullptr);
    m_problem->setText(text);
    m_problem->setVisible(!text.isEmpty());
}

}  // namespace pilothouse::performance
