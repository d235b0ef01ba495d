// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFontMetrics>
#include <QPainter>
#include <QTest>

#include "widgets/theme/line_text.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;
using theme::LineText;

class TestLineText : public QObject {
    Q_OBJECT

    static QRect ink(const QImage& image) {
        QRect found;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                if (image.pixelColor(x, y).lightness() < 140) found |= QRect(x, y, 1, 1);
        return found;
    }
    static QImage picture(const std::function<void(QPainter&, const QRect&)>& paint, int width = 300) {
        QImage image(width + 20, 22, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        painter.setPen(Qt::black);
        paint(painter, {10, 0, width, 21});
        return image;
    }
    static QImage ours(const QString& text, Qt::Alignment alignment, int width = 300, bool bold = false) {
        return picture([&](QPainter& painter,
                           const QRect& box) { LineText(theme::font(bold)).draw(painter, box, alignment, text); },
                       width);
    }
    static QImage laidOut(const QString& text, Qt::Alignment alignment, int width = 300, bool bold = false) {
        return picture(
            [&](QPainter& painter, const QRect& box) {
                painter.setFont(theme::font(bold));
                painter.drawText(box, static_cast<int>(alignment | Qt::AlignVCenter) | Qt::TextSingleLine,
                                 QFontMetrics(theme::font(bold)).elidedText(text, Qt::ElideRight, box.width()));
            },
            width);
    }

private Q_SLOTS:
    void initTestCase() { theme::apply(theme::Scheme::Light); }

    void standsWhereALaidOutLineStands_data() {
        QTest::addColumn<QString>("text");
        QTest::newRow("number") << u"12,304.75"_qs;
        QTest::newRow("time") << u"30 Sep 22:05"_qs;
        QTest::newRow("id") << u"3f2504e0-4f89-11d3-9a0c"_qs;
        QTest::newRow("name") << u"gate timeout"_qs;
        QTest::newRow("route") << u"EWR → MIA"_qs;
        QTest::newRow("Latin") << u"Åse Øst çà ž"_qs;
        QTest::newRow("Greek") << u"καλημέρα"_qs;
        QTest::newRow("Arabic") << u"مرحبا"_qs;
        QTest::newRow("a mark that combines") << u"e\u0301te"_qs;
        QTest::newRow("beyond the first plane") << u"ok 😀"_qs;
        QTest::newRow("two lines") << u"one\ntwo"_qs;
        QTest::newRow("nothing") << QString();
    }
    void standsWhereALaidOutLineStands() {
        QFETCH(QString, text);
        for (const Qt::Alignment alignment : {Qt::AlignLeft, Qt::AlignRight})
            for (const bool bold : {false, true}) {
                const QRect here = ink(ours(text, alignment, 300, bold)),
                            there = ink(laidOut(text, alignment, 300, bold));
                const QByteArray places = QDebug::toString(here).toUtf8() + " " + QDebug::toString(there).toUtf8();
                QVERIFY2(here.isNull() == there.isNull(), places);
                QVERIFY2(std::abs(here.top() - there.top()) <= 1 && std::abs(here.bottom() - there.bottom()) <= 1,
                         places);
                // Without kerning a pixel more or less.
                QVERIFY2(std::abs(here.left() - there.left()) <= 2 && std::abs(here.right() - there.right()) <= 2,
                         places);
            }
    }

    void whatIsTooLongEndsInDots() {
        const QString text = u"a message that is longer than its cell by far"_qs;
        const QRect box(10, 0, 90, 21);
        const QRect used = ink(ours(text, Qt::AlignLeft, box.width()));
        QVERIFY(used.right() <= box.right() && used.right() > box.right() - 15);
        // As wide as the same beginning with dots.
        const QString cut = QFontMetrics(theme::font()).elidedText(text, Qt::ElideRight, box.width());
        QVERIFY(cut.endsWith(QChar(0x2026)));
        const QRect there = ink(laidOut(text, Qt::AlignLeft, box.width()));
        QVERIFY2(std::abs(used.right() - there.right()) <= 8,
                 (QDebug::toString(used) + QDebug::toString(there)).toUtf8());
        // However long it is.
        const QRect longer = ink(ours(QString(10'000'000, u'm'), Qt::AlignLeft, box.width()));
        QVERIFY(longer.right() <= box.right() && longer.width() > 70);
        QVERIFY(ink(ours(text, Qt::AlignLeft, 3)).right() <= 10 + 12);
    }

    void widthIsWhatIsDrawn() {
        const LineText line(theme::font());
        for (const QString& text : {u"12,304.75"_qs, u"EWR → MIA"_qs, u"مرحبا"_qs}) {
            const double wide = QFontMetricsF(theme::font()).horizontalAdvance(text);
            QVERIFY2(std::abs(line.width(text) - wide) <= 2, qPrintable(u"%1 %2"_qs.arg(line.width(text)).arg(wide)));
        }
        QCOMPARE(line.width({}), 0.0);
    }
};

QTEST_MAIN(TestLineText)
#include "tst_line_text.moc"
