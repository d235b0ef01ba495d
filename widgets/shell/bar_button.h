// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <optional>

#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

/// A flat button of one line: an icon or a colour swatch, a strong word, a muted one, and perhaps an arrow for a menu
/// or a cross. When there is not room for all, the muted word goes first and the strong one is elided.
class BarButton : public QAbstractButton {
    Q_OBJECT
public:
    explicit BarButton(QWidget* parent = nullptr);
    void setWords(const QString& strong, const QString& muted = {}, bool mutedFirst = false);
    [[nodiscard]] QString strong() const { return m_strong; }
    [[nodiscard]] QString muted() const { return m_muted; }
    void setSwatch(std::optional<QColor> color);
    void setArrow(bool arrow);
    void setCross(bool cross);    ///< clicking it emits crossClicked()
    void setFilled(bool filled);  ///< a raised ground at rest
    void setOutlined(std::optional<theme::Token> token);
    void setStrongToken(theme::Token token);
    void setBold(bool bold);
    void setStruck(bool struck);        ///< its strong word does not count now
    void setToggles(bool toggles);      ///< Space, and a click with Ctrl, emit aside()
    void setEssential(bool essential);  ///< its strong word is never elided

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void crossClicked();
    void aside();  ///< put aside, or taken back

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    struct Widths {
        int lead = 0, strong = 0, muted = 0, trail = 0;
    };
    [[nodiscard]] Widths widths() const;
    [[nodiscard]] int pad() const;  ///< left and right; less where there is only an icon
    [[nodiscard]] QFont strongFont() const;

    QString m_strong, m_muted;
    bool m_mutedFirst = false, m_arrow = false, m_cross = false, m_filled = true, m_bold = true, m_essential = false,
         m_struck = false, m_toggles = false;
    std::optional<QColor> m_swatch;
    std::optional<theme::Token> m_outline;
    theme::Token m_strongToken = theme::Token::Text;
};

}  // namespace pilothouse::shell
