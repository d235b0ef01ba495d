// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "widgets/chart/value_axis.h"

namespace pilothouse::chart {

/// One number with its change against the period before, and a sparkline of the period.
class StatTile : public QWidget {
    Q_OBJECT
public:
    enum class State { Loading, Ready, Outdated, Empty, Error };
    struct Content {
        State state = State::Loading;
        QString stateText;  ///< in words: "no labels yet"; shown in place of the number unless Ready or Outdated
        double value = 0;
        std::optional<double> low, high;  ///< 95 % interval
        std::optional<double> previous;   ///< the period before; nothing: not known
        std::vector<double> trend;        ///< equally spaced; NaN: gap
        bool lessIsBetter = false;
        bool judged = false;  ///< the change has a good and a bad direction
        QString note;         ///< "n 6,391"
        bool operator==(const Content&) const = default;
    };
    StatTile(QString title, ValueKind kind, QWidget* parent = nullptr);
    void setContent(Content content);
    [[nodiscard]] const Content& content() const { return m_content; }
    [[nodiscard]] const QString& title() const { return m_title; }
    /// "6,391", or why there is none.
    [[nodiscard]] QString valueLabel() const;
    /// "+4 % against the period before"; empty when not known.
    [[nodiscard]] QString changeLabel() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_title;
    ValueKind m_kind;
    Content m_content;
};

}  // namespace pilothouse::chart
