// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QtTest>
#include <cmath>

#include "resources/resources.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse::theme;

namespace {
/// WCAG 2.1, relative luminance and contrast ratio.
double luminance(const QColor& c) {
    const auto linear = [](double v) { return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}
double contrast(const QColor& a, const QColor& b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}
}  // namespace

class TestTokens : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void contrast_data() {
        QTest::addColumn<int>("scheme");
        QTest::newRow("dark") << static_cast<int>(Scheme::Dark);
        QTest::newRow("light") << static_cast<int>(Scheme::Light);
    }
    void contrast() {
        QFETCH(int, scheme);
        apply(static_cast<Scheme>(scheme));
        for (const Token text : {Token::Text, Token::TextMuted, Token::TextDisabled, Token::Accent, Token::Ok,
                                 Token::Warning, Token::Alarm, Token::Unknown}) {
            for (const Token ground :
                 {Token::Window, Token::Panel, Token::PanelRaised, Token::Hover, Token::Selection}) {
                const double ratio = ::contrast(color(text), color(ground));
                QVERIFY2(ratio >= 4.5,
                         qPrintable(QStringLiteral("%1 on %2: %3").arg(int(text)).arg(int(ground)).arg(ratio)));
            }
        }
        for (int i = 1; i <= 7; ++i) {
            const double ratio = ::contrast(seriesColor(QStringLiteral("v%1").arg(i)), color(Token::Window));
            QVERIFY2(ratio >= 3, qPrintable(QStringLiteral("v%1: %2").arg(i).arg(ratio)));
        }
        QCOMPARE(QApplication::palette().color(QPalette::Window), color(Token::Window));
    }

    void seriesIsStableAndDistinct() {
        apply(Scheme::Dark);
        QSet<QRgb> seen;
        for (int i = 1; i <= 7; ++i)
            seen.insert(seriesColor(QStringLiteral("v%1").arg(i)).rgb());
        QCOMPARE(seen.size(), 7);
        QCOMPARE(seriesColor(QStringLiteral("v1")), QColor(0x56, 0xb4, 0xe9));
        QCOMPARE(seriesColor(QStringLiteral("score")), seriesColor(QStringLiteral("score")));
    }

    void iconsFollowTheScheme() {
        pilothouse::resources::init();
        const QStringList files = QDir(QStringLiteral(":/icons")).entryList({QStringLiteral("*.svg")});
        QVERIFY(files.size() >= 6);
        for (const QString& file : files) {
            QImage images[2];
            for (const Scheme s : {Scheme::Light, Scheme::Dark}) {
                apply(s);
                images[static_cast<int>(s)] = icon(file.chopped(4)).pixmap(QSize(16, 16), 1.0).toImage();
            }
            QVERIFY2(images[0] != images[1], qPrintable(file));
            int painted = 0;
            for (int y = 0; y < 16; ++y)
                for (int x = 0; x < 16; ++x)
                    painted += qAlpha(images[0].pixel(x, y)) > 127;
            QVERIFY2(painted >= 6 && painted < 230, qPrintable(file));
        }
    }

    void digitsAreTabular() {
        apply(Scheme::Light);
        const QFontMetricsF metrics(font());
        for (const QChar c : QStringLiteral("0123456789"))
            QCOMPARE(metrics.horizontalAdvance(c), metrics.horizontalAdvance(u'0'));
    }
};

QTEST_MAIN(TestTokens)
#include "tst_tokens.moc"
