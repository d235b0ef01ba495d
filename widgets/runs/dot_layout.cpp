// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/dot_layout.h"

#include <QTimer>
#include <cmath>

namespace pilothouse::runs {

namespace {

constexpr double kPointsPerInch = 72;
constexpr int kTimeoutMs = 10'000;
constexpr qsizetype kMaximumAnswerBytes = 16 << 20;

/// "n12" → 12 when below `count`.
std::optional<int> boxIndex(const QByteArray& name, std::size_t count) {
    bool ok = false;
    const int index = name.startsWith('n') ? name.mid(1).toInt(&ok) : -1;
    if (!ok || index < 0 || static_cast<std::size_t>(index) >= count) return {};
    return index;
}

std::optional<double> inches(const QByteArray& text) {
    bool ok = false;
    const double value = text.toDouble(&ok);
    if (!ok || !std::isfinite(value) || std::abs(value) > 1e6) return {};
    return value * kPointsPerInch;
}

}  // namespace

QByteArray toDot(const GraphSpec& spec) {
    QByteArray dot =
        "digraph g {\nrankdir=LR; nodesep=0.25; ranksep=0.35; splines=true;\n"
        "node [shape=box, fixedsize=true, label=\"\"];\nedge [arrowhead=none];\n";
    for (std::size_t i = 0; i < spec.boxes.size(); ++i)
        dot += "n" + QByteArray::number(static_cast<qulonglong>(i)) +
               " [width=" + QByteArray::number(spec.boxes[i].width() / kPointsPerInch, 'f', 4) +
               ", height=" + QByteArray::number(spec.boxes[i].height() / kPointsPerInch, 'f', 4) + "];\n";
    for (const auto& [from, to] : spec.arrows)
        dot += "n" + QByteArray::number(from) + " -> n" + QByteArray::number(to) + ";\n";
    return dot + "}\n";
}

std::optional<GraphLayout> parsePlain(const QByteArray& text, std::size_t boxes) {
    GraphLayout layout;
    layout.boxes.resize(boxes);
    std::size_t seen = 0;
    bool graph = false, stop = false;
    const auto point = [&](const QByteArray& x, const QByteArray& y) -> std::optional<QPointF> {
        const auto px = inches(x), py = inches(y);
        if (!px || !py) return {};
        return QPointF(*px, layout.size.height() - *py);
    };
    for (const QByteArray& line : text.split('\n')) {
        const QList<QByteArray> word = line.simplified().split(' ');
        if (word[0] == "graph" && word.size() >= 4) {
            const auto width = inches(word[2]), height = inches(word[3]);
            if (!width || !height) return {};
            layout.size = {*width, *height};
            graph = true;
        } else if (word[0] == "node" && word.size() >= 6) {
            const auto index = boxIndex(word[1], boxes);
            const auto centre = point(word[2], word[3]);
            const auto width = inches(word[4]), height = inches(word[5]);
            if (!graph || !index || !centre || !width || !height) return {};
            layout.boxes[static_cast<std::size_t>(*index)] =
                QRectF(centre->x() - *width / 2, centre->y() - *height / 2, *width, *height);
            ++seen;
        } else if (word[0] == "edge" && word.size() >= 4) {
            const auto from = boxIndex(word[1], boxes), to = boxIndex(word[2], boxes);
            const int points = word[3].toInt();
            if (!graph || !from || !to || points < 2 || word.size() < 4 + 2 * static_cast<qsizetype>(points)) return {};
            GraphLayout::Arrow arrow{*from, *to, {}};
            for (int i = 0; i < points; ++i) {
                const auto p = point(word[4 + 2 * i], word[5 + 2 * i]);
                if (!p) return {};
                arrow.points.push_back(*p);
            }
            layout.arrows.push_back(std::move(arrow));
        } else if (word[0] == "stop") {
            stop = true;
        }
    }
    if (!graph || !stop || seen != boxes) return {};
    return layout;
}

DotLayout::DotLayout(QObject* parent) : QObject(parent) {}

DotLayout::~DotLayout() {
    if (!m_process) return;
    m_process->disconnect(this);
    m_process->kill();
    m_process->waitForFinished(1'000);
}

void DotLayout::start(const GraphSpec& spec) {
    if (m_process) {
        m_process->disconnect(this);
        // Its end is waited for by the event loop, not here.
        QProcess* old = m_process.release();
        connect(old, &QProcess::finished, old, &QObject::deleteLater);
        connect(old, &QProcess::errorOccurred, old, &QObject::deleteLater);
        old->kill();
        if (old->state() == QProcess::NotRunning) old->deleteLater();
    }
    m_boxes = spec.boxes.size();
    m_process = std::make_unique<QProcess>();
    connect(m_process.get(), &QProcess::finished, this, &DotLayout::finish);
    connect(m_process.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            Q_EMIT failed(
                tr("Graphviz's \"dot\" is not installed, so the graph cannot be laid out. The grid shows the same "
                   "tasks."));
    });
    QTimer::singleShot(kTimeoutMs, m_process.get(), [process = m_process.get()] { process->kill(); });
    m_process->start(QStringLiteral("dot"), {QStringLiteral("-Tplain")});
    m_process->write(toDot(spec));
    m_process->closeWriteChannel();
}

void DotLayout::finish(int exitCode, QProcess::ExitStatus status) {
    const QByteArray answer = m_process->read(kMaximumAnswerBytes);
    const auto layout = status == QProcess::NormalExit && exitCode == 0 ? parsePlain(answer, m_boxes) : std::nullopt;
    if (layout)
        Q_EMIT ready(*layout);
    else
        Q_EMIT failed(tr("\"dot\" gave no usable layout (exit code %1).").arg(exitCode));
}

}  // namespace pilothouse::runs
