// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/pipelines/csv_reader.h"
#include "models/pipelines/scorer.h"
#include "models/statistics/random.h"
#include "models/trees/booster.h"
#include "models/trees/model_artifact.h"
#include "resources/resources.h"

using namespace pilothouse;
using namespace pilothouse::pipelines;
using namespace pilothouse::trees;
using ports::ColumnType;

namespace {

constexpr const char* kNumbers[] = {"distance_mi",    "hour",       "weekday",      "temp_f",
                                    "wind_speed_mph", "plane_year", "arr_delay_min"};

std::vector<FeatureEncoding> encodings(const ports::RowSet& rows) {
    std::vector<FeatureEncoding> out;
    for (const char* name : {"carrier", "origin", "dest", "distance_mi", "hour", "weekday", "temp_f", "wind_speed_mph",
                             "plane_year", "plane_engine"}) {
        FeatureEncoding f;
        f.name = name;
        const ports::Column& column = *rows.find(name);
        f.type = column.type;
        f.categories = column.dictionary;
        std::sort(f.categories.begin(), f.categories.end());
        out.push_back(std::move(f));
    }
    return out;
}

}  // namespace

class TestScorer : public QObject {
    Q_OBJECT
    ports::RowSet m_rows;
    std::vector<FeatureEncoding> m_features;
    std::vector<std::size_t> m_all;
    std::vector<std::uint8_t> m_artifact;

    Result<std::vector<std::uint8_t>> trained(std::uint32_t seed) {
        PH_ASSIGN(const FeatureMatrix matrix, FeatureMatrix::bind(m_features, m_rows));
        std::vector<float> labels;
        for (const double delay : m_rows.find("arr_delay_min")->numbers)
            labels.push_back(delay > 15 ? 1.F : 0.F);
        BoosterOptions options;
        options.rounds = 40;
        options.seed = seed;
        PH_ASSIGN(auto booster, Booster::train(matrix.dense(m_all), labels, m_features, options, 10, {}));
        PH_ASSIGN(auto bytes, booster->save());
        return encodeModel({m_features, std::move(bytes)});
    }

private Q_SLOTS:
    void initTestCase() {
        resources::init();
        CsvOptions options;
        for (const char* name : kNumbers)
            options.types[name] = ColumnType::Number;
        options.rowsPerPart = 20'000;
        const auto status = readCsv(":/data/flights-2013.csv.zst", options, {}, [&](ports::RowSet&& part) -> Status {
            m_rows = std::move(part);
            return fail(Error::cancelled());  // the first part will do
        });
        QVERIFY(isCancelled(status));
        m_all.resize(m_rows.rows);
        std::iota(m_all.begin(), m_all.end(), std::size_t{0});
        m_features = encodings(m_rows);
        auto made = trained(1);
        QVERIFY2(made, made ? "" : made.error().text().c_str());
        m_artifact = std::move(*made);
    }

    void sameBytesForASeed() {
        QVERIFY(*trained(1) == m_artifact);
        QVERIFY(*trained(2) != m_artifact);
    }

    /// A row's score is the same to the bit, alone or in any company.
    void oneByOneAndInOneGo() {
        auto scorer = Scorer::fromBytes(m_artifact, "v1");
        QVERIFY2(scorer, scorer ? "" : scorer.error().text().c_str());
        const auto batch = (*scorer)->score(m_rows, m_all);
        std::vector<double> latencies(m_all.size());
        const auto single = (*scorer)->score(m_rows, m_all, latencies);
        QVERIFY(batch && single);
        QVERIFY(*batch == *single);
        const std::vector<std::size_t> some{17, 3, 19'999};
        const auto few = (*scorer)->score(m_rows, some);
        QVERIFY(few);
        for (std::size_t i = 0; i < some.size(); ++i)
            QCOMPARE((*few)[i], (*batch)[some[i]]);
        for (const double p : *batch)
            QVERIFY(p > 0 && p < 1);
        QVERIFY(std::all_of(latencies.begin(), latencies.end(), [](double ms) { return ms > 0; }));
        std::nth_element(latencies.begin(), latencies.begin() + 10'000, latencies.end());
        qInfo("one request: %.1f us", latencies[10'000] * 1000);
    }

    void missingAndUnseenAreMissing() {
        auto scorer = Scorer::fromBytes(m_artifact, "v1");
        QVERIFY(scorer);
        ports::RowSet rows;
        rows.rows = 3;
        ports::Column carrier;
        carrier.name = "carrier";
        carrier.type = ColumnType::Text;
        carrier.dictionary = {"XX", "UA"};
        carrier.codes = {0, 1, ports::Column::kMissingCode};
        rows.columns.push_back(carrier);
        const std::vector<std::size_t> all{0, 1, 2};
        const auto scores = (*scorer)->score(rows, all);
        QVERIFY(scores);
        QCOMPARE((*scores)[0], (*scores)[2]);  // never seen: as missing
        QVERIFY((*scores)[1] != (*scores)[2]);
        rows.columns[0].name = "hour";  // text where the model wants a number
        const auto wrong = (*scorer)->score(rows, all);
        QVERIFY(!wrong);
        QVERIFY(wrong.error().message.find("hour") != std::string::npos);
    }

    /// SHAP contributions add up to the log-odds of the score (Lundberg and Lee 2017, local accuracy).
    void contributionsAddUp() {
        auto scorer = Scorer::fromBytes(m_artifact, "v1");
        QVERIFY(scorer);
        for (const std::size_t row : {std::size_t{0}, std::size_t{123}, std::size_t{15'000}}) {
            const std::vector<std::size_t> one{row};
            const auto score = (*scorer)->score(m_rows, one);
            const auto parts = (*scorer)->contributions(m_rows, row);
            QVERIFY2(parts, parts ? "" : parts.error().text().c_str());
            QCOMPARE(parts->size(), m_features.size() + 1);
            const double sum = std::accumulate(parts->begin(), parts->end(), 0.0);
            const double logOdds = std::log((*score)[0] / (1 - (*score)[0]));
            QVERIFY2(std::abs(sum - logOdds) < 1e-4, qPrintable(QStringLiteral("%1 %2").arg(sum).arg(logOdds)));
        }
    }

    /// Any prefix and any changed byte of the head is refused, never believed or crashed on.
    void brokenArtifacts() {
        statistics::Random random(3);
        for (int i = 0; i < 200; ++i) {
            const auto cut = random.below(m_artifact.size());
            const auto scorer = Scorer::fromBytes(std::span(m_artifact).first(cut), "v1");
            QVERIFY(!scorer);
        }
        for (std::size_t at = 0; at < 12; ++at) {
            auto changed = m_artifact;
            changed[at] ^= 0xFF;
            QVERIFY(!decodeModel(changed));
        }
        auto longer = m_artifact;
        longer.push_back(0);
        QVERIFY(!decodeModel(longer));
        const auto model = decodeModel(m_artifact);
        QVERIFY(model);
        QVERIFY(model->features == m_features);
    }
};

QTEST_GUILESS_MAIN(TestScorer)
#include "tst_scorer.moc"
