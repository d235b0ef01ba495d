// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/formula.h"
#include "models/monitoring/jackknife.h"
#include "tests/monitoring/kind_support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using statistics::State;

/// Formulas over rows, their intervals, and monitors of them.
class TestBusiness : public QObject {
    Q_OBJECT

    static ports::RowSet rows() {
        ports::RowSet set;
        set.rows = 4;
        ports::Column a{"a", ports::ColumnType::Number, {1, 2, std::nan(""), 4}, {}, {}, {}};
        ports::Column b{"b", ports::ColumnType::Number, {0, 1, 1, 0}, {}, {}, {}};
        ports::Column city{"city", ports::ColumnType::Text, {}, {0, 1, 0, ports::Column::kMissingCode}, {"x", "y"}, {}};
        ports::Column odd{"an odd name", ports::ColumnType::Number, {1, 1, 1, 1}, {}, {}, {}};
        set.columns = {a, b, city, odd};
        return set;
    }
    static double valueOf(const char* text) {
        const auto formula = parseFormula(text);
        if (!formula) QTest::qFail(formula.error().text().c_str(), __FILE__, __LINE__);
        return formula ? evaluateFormula(*formula, rows(), {}, 1).value.value : 0;
    }

private Q_SLOTS:
    void values_data() {
        QTest::addColumn<QString>("formula");
        QTest::addColumn<double>("value");
        const auto row = [](const char* text, double value) {
            QTest::newRow(text) << QString::fromUtf8(text) << value;
        };
        row("mean(a)", 7.0 / 3);
        row("sum(a)", 7);
        row("count()", 4);
        row("count(a > 1)", 2);
        row("sum(a) / count()", 1.75);
        row("sum(a * b - 1)", -1 + 1 - 1);
        row("1 + 2 * 3 - 4 / 2 + 0 * sum(b)", 5);
        row("-(2 + sum(b)) * -1", 4);
        row("2 - 1 - 1 + sum(b)", 2);
        row("sum(if(b = 1, 10, 1))", 22);
        row("sum(if(a > 1, 10, 1))", 21);
        row("count(city = \"x\")", 2);
        row("count(city != \"x\")", 1);
        row("count(\"y\" == city)", 1);
        row("count(city = \"nowhere\")", 0);
        row("count(a > 1 and b = 1)", 1);
        row("count(a > 1 or b = 1)", 3);
        row("count(not b)", 2);
        row("count(not b = 1 and a < 2)", 1);
        row("max(sum(b), 10) + min(sum(b), 1)", 11);
        row("abs(-3) + log(exp(1)) + 0 * count()", 4);
        row("sum(`an odd name`)", 4);
        row("if(count() > 3, 1e3, mean(a))", 1'000);
        row("sum(nowhere)", 0);
        row("true + false + 0 * count()", 1);
    }
    void values() {
        QFETCH(QString, formula);
        QFETCH(double, value);
        QVERIFY2(std::abs(valueOf(formula.toUtf8().constData()) - value) < 1e-12,
                 QByteArray::number(valueOf(formula.toUtf8().constData())).constData());
    }

    void notDefined() {
        for (const char* text : {"mean(nowhere)", "sum(a) / sum(nowhere)", "log(-1) + count()", "mean(city)",
                                 "mean(a / 0)", "exp(1e9) * count()"})
            QVERIFY2(std::isnan(valueOf(text)), text);
    }

    void refuses_data() {
        QTest::addColumn<QString>("formula");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& text, const char* says) {
            QTest::newRow(name) << QString::fromStdString(text) << QString::fromUtf8(says);
        };
        row("empty", "", "a number, a column or a function is expected (at character 1)");
        row("no aggregate", "1 + 2", "made of mean");
        row("bare column", "mean(a) + b",
            "the column b must stand within mean(…), sum(…) or count(…) (at character 11)");
        row("nested", "mean(sum(a))", "sum stands within another mean, sum or count (at character 6)");
        row("function", "mean(sin(a))", "there is no function sin (at character 6)");
        row("arguments", "mean(if(a, b))", "if takes 3 arguments (at character 6)");
        row("open", "mean(a", "\",\" or \")\" is expected (at character 7)");
        row("more", "mean(a) b", "an operator or the end is expected (at character 9)");
        row("text", "mean(a + \"x\")", "a text is only compared with a column, by = or != (at character 10)");
        row("text order", "mean(a < \"x\")", "a text is only compared");
        row("text alone", "count(\"x\")", "a text is only compared");
        row("quote", "count(a = \"x)", "the closing quote is missing (at character 11)");
        row("name", "count(``)", "the column has no name");
        row("operator", "mean(a) +", "is expected (at character 10)");
        row("and", "mean(a and)", "is expected (at character 11)");
        row("number", "mean(1e999)", "this is no number (at character 6)");
        row("deep", "mean(" + std::string(200, '(') + "a" + std::string(200, ')') + ")", "more than 64 deep");
        row("minus", "mean(" + std::string(200, '-') + "a)", "more than 64 deep");
        row("long", std::string(5'000, ' '), "longer than 4,096 bytes");
        std::string many = "count()";
        for (int i = 0; i < 40; ++i)
            many += "+count()";
        row("many", many, "more than 32");
    }
    void refuses() {
        QFETCH(QString, formula);
        QFETCH(QString, says);
        const auto read = parseFormula(formula.toStdString());
        QVERIFY(!read.has_value());
        QVERIFY2(read.error().message.find(says.toStdString()) != std::string::npos, read.error().message.c_str());
    }

    /// Of a mean, the jackknife of as many groups as rows is Student's interval.
    void theMeansInterval() {
        std::mt19937 random(3);
        std::normal_distribution<double> normal;
        ports::RowSet set;
        set.rows = 150;
        ports::Column a{"a", ports::ColumnType::Number, {}, {}, {}, {}};
        double sum = 0, squares = 0;
        for (int i = 0; i < 150; ++i) {
            a.numbers.push_back(5 + normal(random));
            sum += a.numbers.back();
        }
        for (const double x : a.numbers)
            squares += (x - sum / 150) * (x - sum / 150);
        set.columns = {a};
        const auto v = evaluateFormula(*parseFormula("mean(a)"), set, {}, 1).value;
        const double half = 1.976013 * std::sqrt(squares / 149 / 150);  // t of 149 degrees
        QVERIFY(std::abs(v.high - v.value - half) < 1e-6);
        QVERIFY(std::abs(v.value - v.low - half) < 1e-6);
    }

    /// 95 % intervals of a ratio hold the truth about 95 times of 100, also for clustered rows.
    void coverage() {
        std::mt19937 random(5);
        std::normal_distribution<double> normal;
        const auto ratio = *parseFormula("sum(a) / sum(b)");
        int held = 0;
        constexpr int kTrials = 400;
        for (int trial = 0; trial < kTrials; ++trial) {
            ports::RowSet set;
            set.rows = 600;
            ports::Column a{"a", ports::ColumnType::Number, {}, {}, {}, {}}, b = a;
            b.name = "b";
            std::vector<std::uint32_t> clusters;
            for (std::uint32_t c = 0; c < 60; ++c) {
                const double common = normal(random);
                for (int i = 0; i < 10; ++i) {
                    b.numbers.push_back(10 + normal(random));
                    a.numbers.push_back(20 + common + normal(random));
                    clusters.push_back(c);
                }
            }
            set.columns = {a, b};
            const auto v = evaluateFormula(ratio, set, clusters, 1).value;
            held += v.low <= 2 && v.high >= 2;
        }
        QVERIFY2(held >= 0.92 * kTrials && held <= 0.98 * kTrials, QByteArray::number(held).constData());
    }

    void aMonitor() {
        test::failOnWarnings();
        test::KindBench bench;
        for (int i = 0; i < 2'000; ++i) {
            const double p = bench.uniform();
            bench.add(i * 300, {{"score", p}}, i % 10 == 0 ? std::nan("") : bench.uniform() < p ? 1.0 : 0.0);
        }
        const std::string yaml =
            "kind: business\nwindow: week\nformula: mean(if(score >= 0.5, outcome * 120 - 40, 0))\n";
        // Expected: half of the rows are called, of which 3/4 bring 80 and 1/4 costs 40: 25 a row.
        const auto ok = bench.judge(yaml + "at_least: 15\n"), low = bench.judge(yaml + "at_least: 40\n"),
                   high = bench.judge(yaml + "at_most: 10\n"), near = bench.judge(yaml + "at_least: 26\n");
        QVERIFY2(ok.state == State::Ok, ok.summary.c_str());
        QVERIFY2(low.state == State::Drift && high.state == State::Drift, low.summary.c_str());
        const auto& v = low.findings.front().verdict;
        QVERIFY(std::abs(v.statistic - 25) < 5);
        QVERIFY(v.effectLow < v.effect && v.effect < v.effectHigh && v.effectHigh < 0);
        QVERIFY(v.pValue < 0.025);
        QVERIFY(ok.labelled < ok.rows);
        QVERIFY(ok.findings.front().missingShare > 0.03);  // of rows that are called only: 0 needs no outcome
        QVERIFY2(near.state != State::Drift, near.summary.c_str());
        const auto none = bench.judge(yaml + "at_least: 1\n", 100, 107);
        QVERIFY2(none.state == State::Insufficient, none.summary.c_str());
        const auto absent = bench.judge("kind: business\nformula: mean(nowhere)\nat_least: 1\n");
        QVERIFY2(absent.state == State::Insufficient, absent.summary.c_str());
    }
};

QTEST_GUILESS_MAIN(TestBusiness)
#include "tst_business.moc"
