// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QStackedWidget>

namespace pilothouse::shell {

/// The right side: what the current view tells about its selection. Holds the views' widgets, which stay theirs.
class DetailsPane : public QStackedWidget {
    Q_OBJECT
public:
    explicit DetailsPane(QWidget* parent = nullptr);
    /// Shows it; null: nothing.
    void present(QWidget* content);
    [[nodiscard]] bool hasContent() const { return m_content; }

private:
    QPointer<QWidget> m_content;
};

}  // namespace pilothouse::shell
