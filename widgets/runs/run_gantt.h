// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "models/ports/orchestrator.h"

namespace pilothouse::runs {

/// Measured time of each task of one run, one after the other, with the critical path filled.
class RunGantt : public QWidget {
    Q_OBJECT
public:
    explicit RunGantt(QWidget* parent = nullptr);
    void setRun(const ports::Run& run);
    void setCurrentTask(const QString& name);
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void taskChosen(const QString& name);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Bar {
        double start = 0, length = 0;  ///< ms since the run began
        bool critical = false;
    };
    ports::Run m_run;
    std::vector<Bar> m_bars;
    double m_total = 0;
    QString m_current;
};

}  // namespace pilothouse::runs
