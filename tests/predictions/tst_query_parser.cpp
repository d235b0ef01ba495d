// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <random>

#include "models/predictions/query_parser.h"
#include "models/predictions/query_plan.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::predictions;
using ports::QueryNode;
using ports::QueryOp;

namespace {

/// The tree in one line: "and(carrier=UA temp_f>80)".
std::string shown(const QueryNode& node) {
    const auto children = [&](const char* name) {
        std::string out = std::string(name) + "(";
        for (const QueryNode& child : node.children)
            out += (out.back() == '(' ? "" : " ") + shown(child);
        return out + ")";
    };
    switch (node.op) {
        case QueryOp::All:
            return "all";
        case QueryOp::And:
            return children("and");
        case QueryOp::Or:
            return children("or");
        case QueryOp::Not:
            return children("not");
        case QueryOp::Equals:
            return node.field + "=" + node.text;
        case QueryOp::Wildcard:
            return node.field + "%" + node.text;
        case QueryOp::Less:
            return node.field + "<" + node.text;
        case QueryOp::LessEqual:
            return node.field + "<=" + node.text;
        case QueryOp::Greater:
            return node.field + ">" + node.text;
        case QueryOp::GreaterEqual:
            return node.field + ">=" + node.text;
        case QueryOp::Exists:
            return "exists " + node.field;
        case QueryOp::Missing:
            return "missing " + node.field;
        case QueryOp::Contains:
            return node.field + "~'" + node.text + "'";
        case QueryOp::Near:
            return node.field + "~" + numberText(node.number) + "±" + numberText(node.tolerance);
        case QueryOp::Wrong:
            return "wrong";
        case QueryOp::Confident:
            return "confident";
        case QueryOp::Labelled:
            return "labelled";
        case QueryOp::Outside:
            return "outside " + node.field;
        case QueryOp::Unseen:
            return "unseen " + node.field;
        case QueryOp::Regex:
            return node.field + "/" + node.text + "/";
        case QueryOp::Disagree:
            return node.field + ":" + node.text + "|" + node.other;
    }
    return "?";
}

}  // namespace

class TestQueryParser : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void trees_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("tree");
        const auto row = [](const char* text, const char* tree) {
            QTest::newRow(*text ? text : "empty") << QByteArray(text) << QByteArray(tree);
        };
        row("", "all");
        row("  \t ", "all");
        row("*", "all");
        row("*:*", "all");
        row("carrier:UA", "carrier=UA");
        row("carrier: UA", "carrier=UA");
        row("carrier=UA", "carrier=UA");
        row("carrier!=UA", "not(carrier=UA)");
        row("carrier:UA temp_f>80", "and(carrier=UA temp_f>80)");
        row("carrier:UA AND temp_f >= 80", "and(carrier=UA temp_f>=80)");
        row("a:1 OR b:2 c:3", "or(a=1 and(b=2 c=3))");
        row("(a:1 OR b:2) c:3", "and(or(a=1 b=2) c=3)");
        row("NOT origin:JFK", "not(origin=JFK)");
        row("-origin:JFK", "not(origin=JFK)");
        row("NOT NOT a:1", "not(not(a=1))");
        row("NOT (a:1 b:2)", "not(and(a=1 b=2))");
        row("temp_f:-5", "temp_f=-5");
        row("temp_f:<5", "temp_f<5");
        row("carrier:(UA OR AA)", "or(carrier=UA carrier=AA)");
        row("carrier:(UA OR (AA OR \"B 6\"))", "or(carrier=UA or(carrier=AA carrier=B 6))");
        row("carrier:(NOT UA)", "not(carrier=UA)");
        row("temp_f:(<20 OR >90) x:1", "and(or(temp_f<20 temp_f>90) x=1)");
        row("temp_f:[20 TO 30]", "and(temp_f>=20 temp_f<=30)");
        row("temp_f:{20 TO 30}", "and(temp_f>20 temp_f<30)");
        row("temp_f:[20 TO 30}", "and(temp_f>=20 temp_f<30)");
        row("temp_f:[ * TO 30 ]", "temp_f<=30");
        row("temp_f:{-3 TO *]", "temp_f>-3");
        row("temp_f:[* TO *]", "exists temp_f");
        row("time:[2013-04-01T12:00:00Z TO \"2013-04-02 00:00\"}",
            "and(time>=2013-04-01T12:00:00Z time<2013-04-02 00:00)");
        row("time>2013-04-01T12:00:00Z", "time>2013-04-01T12:00:00Z");
        row("wind_gust_mph:*", "exists wind_gust_mph");
        row("exists:dest", "exists dest");
        row("_exists_:dest", "exists dest");
        row("_missing_:pressure_mb", "missing pressure_mb");
        row("missing:\"odd name\"", "missing odd name");
        row("\"missing\":x", "missing=x");
        row("dest:B*", "dest%B*");
        row("dest:B\\*", "dest=B*");
        row("dest:\"B*\"", "dest=B*");
        row("dest:a\\*b*", "dest%a\\*b*");
        row("time*", "%time*");
        row("\"gate timeout\"", "~'gate timeout'");
        row("timeout gate", "and(~'timeout' ~'gate')");
        row("\"say \\\"hi\\\"\"", "~'say \"hi\"'");
        row("message~timeout", "message~'timeout'");
        row("message~\"gate timeout\"", "message~'gate timeout'");
        row("score~0.5±0.05", "score~0.5±0.05");
        row("score~0.5+-0.05", "score~0.5±0.05");
        row("score ~ 0.5 ± 0.05 a:1", "and(score~0.5±0.05 a=1)");
        row("wrong confident labelled", "and(wrong confident labelled)");
        row("\"wrong\"", "~'wrong'");
        row("wrong:x", "wrong=x");
        row("outside:temp_f", "outside temp_f");
        row("unseen:dest", "unseen dest");
        row("a.b.c:1", "a.b.c=1");
        row("\"a:b\":1", "a:b=1");
        row("a\\:b:1", "a:b=1");
        row("über:日本", "über=日本");
        row("x:\"\"", "x=");
        row("or:1 and not", "and(or=1 ~'and' ~'not')");
        row("ORDER:1", "ORDER=1");
        row("x:(a)(b)", "and(x=a ~'b')");
        row("dest:/B.*/", "dest/B.*/");
        row("dest:/B[a-z ]+(x|y)/ a:1", "and(dest/B[a-z ]+(x|y)/ a=1)");
        row("path:/\\/api\\/v\\d/", "path//api/v\\d/");
        row("path:/\\\\/", "path/\\\\/");
        row("dest:(/B.*/ OR JFK)", "or(dest/B.*/ dest=JFK)");
        row("-/.*gate.*/ /x/", "and(not(/.*gate.*/) /x/)");
        row("path:\"/api\"", "path=/api");
        row("path=/api", "path=/api");
        row("time>now-2h", "time>now-2h");
        row("time:[now-1d TO now]", "and(time>=now-1d time<=now)");
        row("version:12 vs 13", "version:12|13");
        row("version:\"v 1\" vs \"v 2\" wrong", "and(version:v 1|v 2 wrong)");
        row("NOT version:12 vs 13", "not(version:12|13)");
        row("version:12 vs13", "and(version=12 ~'vs13')");
        row("carrier:12 vs 13", "and(carrier=12 ~'vs' ~'13')");
        row("version:(12 OR 13)", "or(version=12 version=13)");
    }
    void trees() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, tree);
        const auto query = parseQuery(text.toStdString());
        PH_VERIFY(query);
        QCOMPARE(QByteArray::fromStdString(shown(query->root)), tree);
        QCOMPARE(query->text, text.toStdString());
    }

    void errors_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("message");
        const auto row = [](const char* text, const char* message) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(message);
        };
        row("carrier:", "byte 8: expected a value for \"carrier\", found the end");
        row("carrier:)", "byte 8: expected a value for \"carrier\", found ')'");
        row("(a:1", "byte 4: expected ')' for the '(' at byte 0, found the end");
        row("a:1)", "byte 3: expected the end of the query or another clause, found ')'");
        row("a:1 OR", "byte 6: expected a clause, found the end");
        row("a:1 OR OR b:2", "byte 7: expected a clause");
        row("AND a:1", "byte 0: expected a clause");
        row("a:1 AND", "byte 7: expected a clause, found the end");
        row("NOT", "byte 3: expected a clause, found the end");
        row("()", "byte 1: expected a clause, found ')'");
        row("\"gate", "byte 5: expected '\"' for the '\"' at byte 0, found the end");
        row("temp_f:[20 30]", "byte 11: expected TO, found '3'");
        row("temp_f:[20 TO 30", "byte 16: expected ']' or '}' for the bracket at byte 7, found the end");
        row("temp_f:[20 TO ]", "byte 14: expected the upper end of the range, found ']'");
        row("temp_f:[2* TO 30]", "byte 8: expected an end without wildcards, or * alone, found '2'");
        row("temp_f>", "byte 7: expected a value to compare \"temp_f\" with, found the end");
        row("temp_f>2*", "byte 7: expected a value without wildcards");
        row("score~x±0.05", "byte 6: expected a number before ±, found 'x'");
        row("score~0.5±x", "byte 6: expected a number and, after ±, a tolerance of zero or more");
        row("score~0.5±-1", "byte 6: expected a number and, after ±, a tolerance");
        row("score~0.5±", "byte 11: expected a tolerance after ±, found the end");
        row("missing:", "byte 8: expected the name of a field, found the end");
        row("*:x", "byte 2: expected '*' (every row)");
        row("über:1 ]", "byte 8: expected a clause, found ']'");
        row("a:1 日:", "byte 8: expected a value for \"日\", found the end");
        row("x\\", "byte 2: expected a character after the backslash, found the end");
        row(":x", "byte 0: expected a clause, found ':'");
        row("dest:/B", "byte 7: expected '/' for the regular expression that begins at byte 5");
        row("dest:/B\\/", "byte 9: expected '/' for the regular expression");
        row("dest://", "byte 6: expected a regular expression between the slashes, found '/'");
        row("dest:/B/i", "byte 8: expected a blank after the regular expression");
        row("/api/v1/users", "byte 5: expected a blank after the regular expression");
        row("version:12 vs", "byte 13: expected the version to compare \"12\" with, found the end");
        row("version:12 vs 12", "byte 14: expected another version, found '1'");
        row("version:1* vs 12", "byte 8: expected a version without wildcards, found '1'");
    }
    void errors() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, message);
        const auto query = parseQuery(text.toStdString());
        QVERIFY(!query);
        QVERIFY(query.error().kind == ErrorKind::InvalidInput);
        QVERIFY2(query.error().message.starts_with(message.toStdString()), query.error().message.c_str());
    }

    void positionsAreBytesOfClauses() {
        const auto query = parseQuery("über:1 (b:2 OR NOT c>3)");
        PH_VERIFY(query);
        QCOMPARE(query->root.children[0].position, std::size_t{0});
        QCOMPARE(query->root.children[1].children[0].position, std::size_t{9});
        QCOMPARE(query->root.children[1].children[1].position, std::size_t{16});
        QCOMPARE(query->root.children[1].children[1].children[0].position, std::size_t{20});
    }

    void bounded() {
        PH_FAILS(parseQuery(std::string(70'000, 'x')), ErrorKind::InvalidInput, "65,536");
        const auto nested = [](std::size_t n) { return parseQuery(std::string(n, '(') + "a:1" + std::string(n, ')')); };
        PH_VERIFY(nested(64));
        PH_FAILS(nested(65), ErrorKind::InvalidInput, "64 levels");
        PH_FAILS(parseQuery(std::string(30'000, '(')), ErrorKind::InvalidInput, "64 levels");
        std::string nots;
        for (int i = 0; i < 10'000; ++i)
            nots += "NOT ";
        PH_FAILS(parseQuery(nots + "a:1"), ErrorKind::InvalidInput, "64 levels");
        PH_FAILS(parseQuery(std::string(30'000, '-') + "a:1"), ErrorKind::InvalidInput, "64 levels");
        std::string wide = "a:1";
        for (int i = 0; i < 10'000; ++i)
            wide += " a:1";
        PH_VERIFY(parseQuery(wide));
    }

    /// Whatever is typed: a tree or an error, never a crash, and no clause beyond the text.
    void anyBytes() {
        std::mt19937 random(3);
        const std::string alphabet = "ab/:()[]{}\"\\*?~±<>=!-+ .5 TO OR NOT AND\n\xff";
        for (int i = 0; i < 20'000; ++i) {
            std::string text;
            for (std::size_t n = random() % 24; n > 0; --n)
                text += alphabet[random() % alphabet.size()];
            const auto query = parseQuery(text);
            if (query) {
                QVERIFY(query->root.position <= text.size());
            } else {
                QVERIFY(query.error().message.starts_with("byte "));
            }
        }
    }

    void conjunctions() {
        const auto q = [](const char* text) { return *parseQuery(text); };
        const auto both = conjunction(q("a:1 OR b:2"), q("c:3 d:4"));
        QCOMPARE(both.text, std::string("(a:1 OR b:2) c:3 d:4"));
        QCOMPARE(shown(both.root), std::string("and(or(a=1 b=2) c=3 d=4)"));
        QCOMPARE(shown(parseQuery(both.text)->root), shown(both.root));
        QCOMPARE(both.root.children[1].position, std::size_t{13});
        QCOMPARE(conjunction(q(""), q("a:1")).text, std::string("a:1"));
        QCOMPARE(conjunction(q("a:1"), q("")).text, std::string("a:1"));
        QCOMPARE(shown(conjunction(q(""), q("")).root), std::string("all"));
        const auto words = conjunction(q("version:1"), q("vs x"));
        QCOMPARE(shown(parseQuery(words.text)->root), std::string("and(version=1 and(~'vs' ~'x'))"));
    }

    void clausesQuoteThemselves_data() {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("value");
        for (const char* value : {"UA", "", "*", "a*b?", "say \"hi\"", "back\\slash", "two words", "(x)", "-5", "5",
                                  "AND", "日本 語", "a:b", "/x/", "/"}) {
            QTest::addRow("carrier %s", value) << QStringLiteral("carrier") << QString::fromUtf8(value);
            QTest::addRow("odd field %s", value) << QStringLiteral("odd: \"name\"") << QString::fromUtf8(value);
            QTest::addRow("missing %s", value) << QStringLiteral("missing") << QString::fromUtf8(value);
        }
    }
    void clausesQuoteThemselves() {
        QFETCH(QString, field);
        QFETCH(QString, value);
        const auto query = parseQuery(equalsClause(field.toStdString(), value.toStdString()));
        PH_VERIFY(query);
        QVERIFY(query->root.op == QueryOp::Equals);
        QCOMPARE(query->root.field, field.toStdString());
        QCOMPARE(query->root.text, value.toStdString());
    }
    void plainClausesStayPlain() {
        QCOMPARE(equalsClause("carrier", "UA"), std::string("carrier:UA"));
        QCOMPARE(equalsClause("carrier", "two words"), std::string("carrier:\"two words\""));
    }

    void relativeTimes_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qlonglong>("seconds");  // -1: none
        QTest::newRow("now") << u"now"_qs << 0LL;
        QTest::newRow("back") << u"now-2h"_qs << -7'200LL;
        QTest::newRow("on") << u"now+90s"_qs << 90LL;
        QTest::newRow("both") << u"now-1d+30m"_qs << -84'600LL;
        QTest::newRow("no unit") << u"now-2"_qs << -1LL;
        QTest::newRow("unknown unit") << u"now-2y"_qs << -1LL;
        QTest::newRow("no number") << u"now-"_qs << -1LL;
        QTest::newRow("word") << u"nowhere"_qs << -1LL;
        QTest::newRow("overflow") << u"now-99999999999w"_qs << -1LL;
        QTest::newRow("sum overflows") << u"now-15000w-15000w"_qs << -1LL;
    }
    void relativeTimes() {
        QFETCH(QString, text);
        QFETCH(qlonglong, seconds);
        const auto offset = relativeTime(text.toStdString());
        QCOMPARE(offset.has_value(), seconds != -1);
        if (offset) QCOMPARE(offset->count(), seconds * 1'000'000'000LL);
    }

    void regularExpressions() {
        const auto matches = [](const char* pattern, const std::string& text) {
            const auto regex = makeRegex(pattern);
            return regex && matchesRegex(**regex, text);
        };
        QVERIFY(matches("B.*", "BOS"));
        QVERIFY(!matches("B", "BOS"));  // the whole text
        QVERIFY(matches("(?i)bos", "BOS"));
        QVERIFY(matches("a.b", "a\nb"));
        QVERIFY(matches("日.", "日本"));
        QVERIFY(!matches(".*", "\xff\xfe"));  // no UTF-8: no characters
        PH_FAILS(makeRegex("(a"), ErrorKind::InvalidInput, "missing )");
        PH_FAILS(makeRegex("(a)\\1"), ErrorKind::InvalidInput, "invalid escape");  // not linear, so not there
        QVERIFY(!makeRegex("((a{1,1000}){1,1000}){1,1000}"));                      // bounded
        // Exponential for an engine that tracks back.
        QVERIFY(!matches("(a+)+b", std::string(100'000, 'a')));
    }

    void wildcards_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("matches");
        const auto row = [](const char* p, const char* t, bool m) {
            QTest::addRow("%s on %s", p, t) << QString::fromUtf8(p) << QString::fromUtf8(t) << m;
        };
        row("*", "", true);
        row("?", "", false);
        row("?", "日", true);
        row("a*c", "abc", true);
        row("a*c", "abcd", false);
        row("*a*b*", "xxaxxbxx", true);
        row("*ab", "aaab", true);
        row("a\\*b", "a*b", true);
        row("a\\*b", "axb", false);
        row("**", "x", true);
    }
    void wildcards() {
        QFETCH(QString, pattern);
        QFETCH(QString, text);
        QFETCH(bool, matches);
        QCOMPARE(matchesWildcard(pattern.toStdString(), text.toStdString()), matches);
    }
};

QTEST_GUILESS_MAIN(TestQueryParser)
#include "tst_query_parser.moc"
