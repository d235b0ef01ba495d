// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointF>
#include <QProcess>
#include <QRectF>
#include <QString>
#include <vector>

namespace pilothouse::runs {

/// What is to be laid out: boxes of a given size and arrows between them, by index.
struct GraphSpec {
    std::vector<QSizeF> boxes;                ///< pixels
    std::vector<std::pair<int, int>> arrows;  ///< from, to
    bool operator==(const GraphSpec&) const = default;
};

/// Where everything lies, in pixels, y down.
struct GraphLayout {
    QSizeF size;
    std::vector<QRectF> boxes;
    struct Arrow {
        int from = 0, to = 0;
        std::vector<QPointF> points;  ///< of a Bézier spline: 3k + 1
    };
    std::vector<Arrow> arrows;
};

/// Reads the answer of `dot -Tplain`; nothing for what does not follow the format or names unknown boxes.
[[nodiscard]] std::optional<GraphLayout> parsePlain(const QByteArray& text, std::size_t boxes);
[[nodiscard]] QByteArray toDot(const GraphSpec& spec);

/// Lays graphs out by Graphviz's `dot` as a child process. A newer graph kills the older one's process.
class DotLayout : public QObject {
    Q_OBJECT
public:
    explicit DotLayout(QObject* parent = nullptr);
    ~DotLayout() override;
    void start(const GraphSpec& spec);

Q_SIGNALS:
    void ready(const pilothouse::runs::GraphLayout& layout);
    void failed(const QString& reason);

private:
    void finish(int exitCode, QProcess::ExitStatus status);
    std::unique_ptr<QProcess> m_process;
    std::size_t m_boxes = 0;
};

}  // namespace pilothouse::runs
