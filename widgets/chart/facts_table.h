// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "widgets/theme/tokens.h"

namespace pilothouse::chart {

/// Names and values with hairlines between; two pairs a line where there is room. A pair with a long value gets its own
/// line.
class FactsTable : public QWidget {
    Q_OBJECT
public:
    struct Fact {
        QString name, value;
        bool strong = false;
        theme::Token token = theme::Token::Text;
        bool wide = false;
        QString tip;
    };
    explicit FactsTable(QWidget* parent = nullptr);
    void setFacts(std::vector<Fact> facts);
    [[nodiscard]] const std::vector<Fact>& facts() const { return m_facts; }
    QSize sizeHint() const override { return minimumSizeHint(); }
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Placed {
        const Fact* fact;
        QRect box;
    };
    [[nodiscard]] std::vector<Placed> place(int width) const;
    std::vector<Fact> m_facts;
};

}  // namespace pilothouse::chart
