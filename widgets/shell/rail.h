// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

namespace pilothouse::shell {

/// The views, by icon, name and number key.
class Rail : public QWidget {
    Q_OBJECT
public:
    static constexpr int kWidth = 76;
    explicit Rail(QWidget* parent = nullptr);
    void add(const QString& id, const QString& title, const QString& icon);
    void setCurrent(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;

Q_SIGNALS:
    void chosen(const QString& id);

private:
    class Item;
    std::vector<Item*> m_items;
};

}  // namespace pilothouse::shell
