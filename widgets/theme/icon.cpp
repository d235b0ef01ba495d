// SPDX-License-Identifier: GPL-3.0-or-later
#include <QGuiApplication>
#include <QIconEngine>
#include <QLoggingCategory>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include "resources/resources.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::theme {

namespace {

Q_LOGGING_CATEGORY(lcIcons, "pilothouse.icons")

/// Draws the shape of an SVG in the colour that the palette has when it is painted, so that a change of scheme needs no
/// new icons.
class TintedIcon final : public QIconEngine {
public:
    explicit TintedIcon(QString name) : m_name(std::move(name)) {}

    QIconEngine* clone() const override { return new TintedIcon(m_name); }
    QString key() const override { return QStringLiteral("pilothouse"); }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
        const qreal scale = painter->device() ? painter->device()->devicePixelRatioF() : 1.0;
        painter->drawPixmap(rect, tinted(rect.size(), scale, mode, state));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        return tinted(size, 1.0, mode, state);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal scale) override {
        QPixmap pixmap = tinted(size / scale, scale, mode, state);
        return pixmap;
    }

private:
    QPixmap tinted(const QSize& size, qreal scale, QIcon::Mode mode, QIcon::State state) const {
        const Token token = mode == QIcon::Disabled                         ? Token::TextDisabled
                            : state == QIcon::On || mode == QIcon::Selected ? Token::Text
                                                                            : Token::TextMuted;
        const QColor tint = color(token);
        const QSize pixels = size * scale;
        const QString key =
            QStringLiteral("pilothouse/%1/%2x%3/%4").arg(m_name).arg(pixels.width()).arg(pixels.height()) + tint.name();
        QPixmap pixmap;
        if (QPixmapCache::find(key, &pixmap)) {
            pixmap.setDevicePixelRatio(scale);
            return pixmap;
        }
        resources::init();
        QImage image(pixels, QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::transparent);
        const QString file = QStringLiteral(":/icons/%1.svg").arg(m_name);
        QSvgRenderer svg(file);
        if (!svg.isValid()) qCWarning(lcIcons) << "no icon" << file;
        QPainter painter(&image);
        svg.render(&painter, QRectF(QPointF(), QSizeF(pixels)));
        painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
        painter.fillRect(image.rect(), tint);
        painter.end();
        pixmap = QPixmap::fromImage(std::move(image));
        QPixmapCache::insert(key, pixmap);
        pixmap.setDevicePixelRatio(scale);
        return pixmap;
    }

    QString m_name;
};

}  // namespace

QIcon icon(const QString& name) { return QIcon(new TintedIcon(name)); }

}  // namespace pilothouse::theme
