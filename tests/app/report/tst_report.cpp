// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QPainter>
#include <QSvgRenderer>
#include <QTest>
#include <QXmlStreamReader>

#include "app/window_report.h"
#include "models/workspace/registry_store.h"
#include "tests/predictions/support.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;
using namespace pilothouse::app;
using namespace std::chrono_literals;

/// The page is read back as XML: what it holds, and that nothing from outside became markup.
class TestReport : public QObject {
    Q_OBJECT

    test::Store m_store;
    Timestamp m_start = *Timestamp::parseIso("2013-01-07T00:00:00Z");
    static constexpr const char* kHostile = "<script>alert(\"1\")</script>&amp;'";

    struct Read {
        QStringList titles, elements, texts, links;
        int cells = 0, pictures = 0;
        QString error;
    };
    static Read read(const QByteArray& page) {
        Read out;
        QXmlStreamReader xml(page);
        while (!xml.atEnd()) {
            const auto token = xml.readNext();
            if (token == QXmlStreamReader::Characters) out.texts += xml.text().toString();
            if (token != QXmlStreamReader::StartElement) continue;
            const QString name = xml.name().toString();
            out.elements += name;
            for (const auto& attribute : xml.attributes()) {
                if (attribute.name() == u"src" || attribute.name() == u"href")
                    out.links += attribute.value().toString();
                if (attribute.name().startsWith(u"on")) out.error += u"handler "_qs + attribute.name().toString();
            }
            if (name == u"td") ++out.cells;
            if (name == u"svg" || name == u"img") ++out.pictures;
            if (name == u"h2") out.titles += xml.readElementText();
        }
        if (xml.hasError()) out.error += xml.errorString();
        return out;
    }
    /// Every drawing can be drawn, and is not blank.
    static void drawings(const QByteArray& page) {
        const QString folder = qEnvironmentVariable("PILOTHOUSE_TEST_PICTURES");
        int n = 0;
        for (qsizetype at = page.indexOf("<svg"); at >= 0; at = page.indexOf("<svg", at + 1)) {
            QSvgRenderer svg(page.mid(at, page.indexOf("</svg>", at) + 6 - at));
            QVERIFY(svg.isValid());
            QImage image(svg.defaultSize(), QImage::Format_RGB32);
            image.fill(Qt::white);
            QPainter painter(&image);
            svg.render(&painter);
            painter.end();
            QSet<QRgb> colours;
            for (int y = 0; y < image.height(); ++y)
                for (int x = 0; x < image.width(); ++x)
                    colours.insert(image.pixel(x, y));
            QVERIFY(colours.size() > 5);
            if (!folder.isEmpty()) image.save(QDir(folder).filePath(u"report-%1.png"_qs.arg(n)));
            ++n;
        }
        QVERIFY(n >= 7);
    }
    ReportData gathered(const ReportQuestion& question) {
        auto data = gatherReport(*m_store.workspace(), question, {});
        if (!data) qWarning("%s", data.error().text().c_str());
        return data ? std::move(*data) : ReportData{};
    }

private Q_SLOTS:
    void initTestCase() {
        theme::apply(theme::Scheme::Dark);
        QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_qs));
        m_store.workspace()->setSimulatedNow(m_start + 20 * 24h);
        std::mt19937 random(3);
        std::uniform_real_distribution<double> uniform;
        std::vector<test::Row> rows;
        std::vector<predictions::Truth> truths;
        for (int i = 0; i < 2'800; ++i) {
            const Timestamp t = m_start + i * (Duration(14 * 24h) / 2'800);
            const double score = uniform(random);
            const std::string id = "r" + std::to_string(i);
            rows.push_back(test::row(id, t,
                                     {{"version", std::string("v<1>")},
                                      {"score", score},
                                      {kHostile, 10 * uniform(random) + (i >= 1'400 ? 8 : 0)},
                                      {"gate", std::string(kHostile) + std::to_string(i % 4)}}));
            truths.push_back({id, uniform(random) < score ? 1.0 : 0.0, t + 1h});
        }
        auto transaction = *workspace::Transaction::begin(m_store.database());
        QVERIFY(predictions::append(m_store.database(), test::rowSet(rows)));
        QVERIFY(predictions::appendTruth(m_store.database(), "delay", truths));
        QVERIFY(transaction.commit());
    }

    void aPageThatNeedsNothingElse() {
        ReportQuestion question;
        question.range = TimeRange{m_start + 7 * 24h, m_start + 14 * 24h};
        const ReportData data = gathered(question);
        QCOMPARE(data.model, std::string("delay"));
        QVERIFY(!data.judged);
        const QByteArray page = renderReport(data);
        const Read got = read(page);
        QVERIFY2(got.error.isEmpty(), qPrintable(got.error));
        QCOMPARE(got.titles, (QStringList{u"What drifted"_qs, u"Data quality"_qs, u"Performance"_qs, u"Alerts"_qs,
                                          u"How the numbers were made"_qs}));
        for (const QString& link : got.links)
            QVERIFY2(link.startsWith(u"data:image/png"_qs) || link.startsWith(u'#'), qPrintable(link));
        QVERIFY(got.pictures >= 7);  // three histograms, the lanes, four curves
        const QString text = got.texts.join(QString());
        QVERIFY(text.contains(u"compared with the window before"_qs));
        QVERIFY(text.contains(u"ROC AUC"_qs) && text.contains(u"1,400 of 1,400"_qs));
        // The planted shift leads, with its effect and interval as the statistics give them.
        const auto& findings = data.drift.evaluation.findings;
        const auto moved =
            std::ranges::find_if(findings, [](const ports::Finding& f) { return f.feature == kHostile; });
        QVERIFY(moved != findings.end());
        QCOMPARE(moved->verdict.state, statistics::State::Drift);
        QVERIFY(text.contains(QString::number(moved->verdict.effect, 'f', 2) + u" σ"_qs));
        // Light, from a dark window; and the window is dark again.
        QCOMPARE(theme::scheme(), theme::Scheme::Dark);
        drawings(page);
        QVERIFY(!page.contains("#14181b"));
    }

    void whatComesFromOutsideIsNeverMarkup() {
        ReportQuestion question;
        question.filters = {"score>0 -gate:\"<img src=x>\""};
        ReportData data = gathered(question);
        ports::Alert alert;
        alert.name = kHostile;
        alert.annotations["summary"] = std::string(kHostile) + "\x01\x02";
        alert.pendingSince = m_start;
        data.alerts.push_back(alert);
        data.workspace = kHostile;
        data.model = kHostile;
        data.drift.evaluation.summary = kHostile;
        data.drift.evaluation.findings.front().verdict.reason = kHostile;
        ports::Evaluation quality;
        quality.monitor = kHostile;
        quality.window = data.window;
        ports::Finding failed;
        failed.feature = failed.check = kHostile;
        failed.verdict.state = statistics::State::Drift;
        quality.findings.push_back(failed);
        data.quality.push_back(quality);
        const QByteArray page = renderReport(data);
        const Read got = read(page);
        QVERIFY2(got.error.isEmpty(), qPrintable(got.error));
        QVERIFY(!got.elements.contains(u"script"_qs));
        QCOMPARE(got.elements.count(u"img"_qs), 1);  // the lanes'
        QVERIFY(!page.contains("<script"));
        // It is there, as text: in the title, the tables and the drawings.
        QVERIFY(got.texts.join(QString()).count(QString::fromLatin1(kHostile)) >= 8);
    }

    void nothingToReportIsSaidInWords() {
        ReportQuestion question;
        question.model = "nobody";
        const auto none = gatherReport(*m_store.workspace(), question, {});
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        question.model = "delay";
        question.range = TimeRange{m_start - 90 * 24h, m_start - 80 * 24h};
        const ReportData data = gathered(question);
        QVERIFY(!data.driftProblem.empty());
        const Read got = read(renderReport(data));
        QVERIFY2(got.error.isEmpty(), qPrintable(got.error));
        QVERIFY(got.texts.join(QString()).contains(u"No row of the window was scored"_qs));
        QVERIFY(!saveReport(data, "/nowhere/at/all.html"));
    }
};

QTEST_MAIN(TestReport)
#include "tst_report.moc"
