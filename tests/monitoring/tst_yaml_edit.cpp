// SPDX-License-Identifier: GPL-3.0-or-later
#include <yaml-cpp/yaml.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "models/monitoring/monitor.h"
#include "models/monitoring/yaml_edit.h"
#include "resources/resources.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;

namespace {

constexpr const char* kFile =
    "# what is watched\nmonitors:\n  - name: a   # the first\n    model: m\n    kind: drift\n"
    "    minimum_effect: 0.1        # \xCF\x83\n    minimum_effects: {hour: 0.25, temp: 1}\n"
    "    columns: [x, y,\n              z]\n\n  - name: b\n    model: m\n    kind: traffic\n";

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> out(1);
    for (const char c : text) {
        out.back() += c;
        if (c == '\n') out.emplace_back();
    }
    return out;
}

/// Lines of `before` that are not in `after`, as a common subsequence leaves them.
std::size_t linesChanged(const std::string& before, const std::string& after) {
    const auto a = linesOf(before), b = linesOf(after);
    std::size_t head = 0, tail = 0;
    while (head < a.size() && head < b.size() && a[head] == b[head])
        ++head;
    while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    return std::max(a.size(), b.size()) - head - tail;
}

}  // namespace

/// One key of one monitor is changed, and all other lines stay as they are.
class TestYamlEdit : public QObject {
    Q_OBJECT

    static Result<std::string> edit(const std::string& text, MonitorEdit e) { return editMonitor(text, "m.yaml", e); }

private Q_SLOTS:
    void changesTheLineConcerned() {
        const auto after = edit(kFile, {"a", {"minimum_effect"}, YamlValue::number(0.3)});
        QVERIFY2(after.has_value(), after ? "" : after.error().message.c_str());
        QCOMPARE(linesChanged(kFile, *after), 1u);
        QVERIFY(after->find("minimum_effect: 0.3        # \xCF\x83\n") != std::string::npos);
        QCOMPARE((*parseMonitors(*after, "m")).front().options.minimumEffect, 0.3);
    }

    void withinAMapAndAList() {
        const auto hour = edit(kFile, {"a", {"minimum_effects", "hour"}, YamlValue::number(2)});
        QVERIFY(hour.has_value());
        QCOMPARE(linesChanged(kFile, *hour), 1u);
        QCOMPARE((*parseMonitors(*hour, "m")).front().minimumEffects.at("hour"), 2.0);
        const auto columns =
            edit(kFile, {"a", {"columns"}, YamlValue::list({YamlValue::text("x"), YamlValue::text("true")})});
        QVERIFY(columns.has_value());
        QCOMPARE((*parseMonitors(*columns, "m")).front().columns, (std::vector<std::string>{"x", "true"}));
        QCOMPARE((*parseMonitors(*columns, "m")).size(), 2u);
    }

    void addsAndRemoves() {
        const auto added = edit(kFile, {"b", {"description"}, YamlValue::text("a: # \"text\"")});
        QVERIFY(added.has_value());
        QCOMPARE((*parseMonitors(*added, "m")).back().description, std::string("a: # \"text\""));
        QCOMPARE(linesChanged(kFile, *added), 1u);
        const auto removed = edit(*added, {"b", {"description"}, {}});
        QVERIFY(removed.has_value());
        QCOMPARE(*removed, std::string(kFile));
        const auto gone = edit(kFile, {"a", {"minimum_effect"}, {}});
        QVERIFY(gone.has_value());
        QCOMPARE((*parseMonitors(*gone, "m")).front().options.minimumEffect, 0.1);  // the default
        QVERIFY(gone->find("minimum_effects: {hour: 0.25, temp: 1}\n") != std::string::npos);
    }

    void refusesWhatItCannotDo() {
        QCOMPARE(edit(kFile, {"c", {"query"}, YamlValue::text("x")}).error().kind, ErrorKind::NotFound);
        QCOMPARE(edit(kFile, {"a", {"query"}, {}}).error().kind, ErrorKind::NotFound);
        QCOMPARE(edit("name: [", {"", {"query"}, YamlValue::text("x")}).error().kind, ErrorKind::InvalidInput);
        QVERIFY(!edit("name: &x a\nmodel: *x\n", {"", {"query"}, YamlValue::text("x")}).has_value());
        QVERIFY(!edit("name: a\nname: b\n", {"", {"query"}, YamlValue::text("x")}).has_value());
        // Behind this yaml-cpp finds documents without end.
        QVERIFY(!edit(", kind: drift, labe", {"", {"query"}, YamlValue::text("x")}).has_value());
        QVERIFY(!edit(std::string(2 << 20, ' '), {"", {"query"}, YamlValue::text("x")}).has_value());
    }

    void showsTheChange() {
        const auto after = edit(kFile, {"a", {"minimum_effect"}, YamlValue::number(0.3)});
        const std::string diff = unifiedDiff(kFile, *after, "m.yaml");
        QVERIFY(diff.find("\n-    minimum_effect: 0.1") != std::string::npos);
        QVERIFY(diff.find("\n+    minimum_effect: 0.3") != std::string::npos);
        QVERIFY(unifiedDiff(kFile, kFile, "m.yaml").empty());
    }

    void aFileThatChangedIsNotWritten() {
        QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("m.yaml")).toStdString();
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(kFile);
        file.close();
        QVERIFY(replaceFile(path, kFile, "new\n").has_value());
        QCOMPARE(replaceFile(path, kFile, "newer\n").error().kind, ErrorKind::Conflict);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("new\n"));
    }

    /// Numbers, texts and lists set at random in the demo's own file: the edit and nothing else, in few lines.
    void randomEdits() {
        QFile resource(QStringLiteral(":/monitors/delay.yaml"));
        QVERIFY(resource.open(QIODevice::ReadOnly));
        std::string text = resource.readAll().toStdString();
        const char* names[] = {"delay-traffic", "delay-quality", "delay-score", "delay-features", "delay-performance"};
        const char* keys[] = {"minimum_effect", "false_alarm_rate", "description", "severity", "query", "persistence"};
        std::mt19937 random(3);
        for (int i = 0; i < 300; ++i) {
            const std::string name = names[random() % 5], key = keys[random() % 6];
            const std::string word = "w: \"" + std::to_string(random() % 100) + "\" # '";
            const std::map<std::string, YamlValue> values{
                {"minimum_effect", YamlValue::number(1 + static_cast<double>(random() % 100) / 7)},
                {"false_alarm_rate", YamlValue::number(0.001 * (1 + static_cast<double>(random() % 100)))},
                {"description", YamlValue::text(word)},
                {"severity", YamlValue::text(random() % 2 ? "info" : "alarm")},
                {"query", YamlValue::text("carrier:UA")},
                {"persistence", YamlValue::text("2 of 4")}};
            const auto after = edit(text, {name, {key}, values.at(key)});
            QVERIFY2(after.has_value(), after ? "" : (name + "." + key + ": " + after.error().message).c_str());
            QVERIFY(linesChanged(text, *after) <= 1);
            const auto before = parseMonitors(text, "m"), now = parseMonitors(*after, "m");
            QVERIFY(before.has_value() && now.has_value());
            QCOMPARE(now->size(), before->size());
            for (std::size_t m = 0; m < now->size(); ++m) {
                YAML::Node a = YAML::Load((*before)[m].source), b = YAML::Load((*now)[m].source);
                if ((*now)[m].name == name) QCOMPARE(b[key].Scalar(), values.at(key).scalar);
                a.remove(key);
                b.remove(key);
                if ((*now)[m].name == name) QCOMPARE(YAML::Dump(b), YAML::Dump(a));
            }
            text = *after;
        }
    }
};

QTEST_GUILESS_MAIN(TestYamlEdit)
#include "tst_yaml_edit.moc"
