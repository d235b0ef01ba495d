// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTest>

#include "models/pipelines/definition.h"
#include "models/pipelines/judgement.h"
#include "models/pipelines/step.h"
#include "resources/resources.h"

using namespace pilothouse;
using namespace pilothouse::pipelines;

namespace {

StepRegistry steps() {
    StepRegistry registry;
    const auto nothing = [](StepContext&) -> Result<StepResult> { return StepResult::done(); };
    registry.add("a", {nothing, {"x", "list", "deep."}, {}, "does a"});
    registry.add("b", {nothing,
                       {"n"},
                       [](const Parameters& p) -> Status {
                           PH_TRY(p.integer("n", 1, 1, 9));
                           return {};
                       },
                       {}});
    return registry;
}

std::string resource(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) qFatal("no such resource");
    return file.readAll().toStdString();
}

}  // namespace

class TestDefinition : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { resources::init(); }

    void reads() {
        const auto registry = steps();
        const auto p = parsePipeline(R"(pipeline: demo
description: what it does
model: m
positive: late
threshold: 0.4
moment: departure
label: {column: delay, above: 15}
time: at
parameters: {k: 3}
columns:
  c: {type: text, known: before, maximum_missing: 0.25}
  n: {type: number, unit: °F, range: [-1, 2.5]}
  z: {type: time, known: after}
features: [c,
           n]
tasks:
  - name: one
    step: a
    with: {x: "${k} months", list: [p, "${k}"], deep: {er: {est: 1}}}
  - name: two
    step: b
    after: one
    weight: 3
    with: {n: "${k}"}
)",
                                     "demo.yaml", &registry);
        QVERIFY2(p, p ? "" : p.error().text().c_str());
        QCOMPARE(p->name, std::string("demo"));
        QCOMPARE(p->model, std::string("m"));
        QCOMPARE(p->threshold, 0.4);
        QCOMPARE(p->label.column, std::string("delay"));
        QCOMPARE(p->label.above, 15.0);
        QCOMPARE(p->timeColumn, std::string("at"));
        QCOMPARE(p->columns.size(), std::size_t(3));
        QCOMPARE(p->columns[0].maximumMissing, 0.25);
        QCOMPARE(p->columns[1].low.value(), -1.0);
        QCOMPARE(p->columns[1].high.value(), 2.5);
        QVERIFY(p->columns[2].known == Known::After);
        QCOMPARE(p->features.size(), std::size_t(2));
        QCOMPARE(p->features[0].line, 14);
        QCOMPARE(p->features[1].line, 15);
        const Parameters resolved = resolve(p->tasks[0].parameters, {{"k", "5"}});
        QCOMPARE(resolved.text("x"), std::string("5 months"));
        QCOMPARE(resolved.list("list")[1], std::string("5"));
        QCOMPARE(resolved.text("deep.er.est"), std::string("1"));
        QCOMPARE(p->tasks[1].weight, 3);
        QVERIFY(p->tasks[1].after == std::vector<std::string>{"one"});
        QCOMPARE(*mergeParameters(*p, {{"k", "4"}}), (std::map<std::string, std::string>{{"k", "4"}}));
        QVERIFY(!mergeParameters(*p, {{"q", "4"}}));
    }

    void refuses_data() {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("message");
        const auto add = [](const char* name, const QByteArray& yaml, const char* message) {
            QTest::newRow(name) << yaml << QString::fromUtf8(message);
        };
        const QByteArray head = "pipeline: p\ntasks:\n";
        add("not a map", "- x\n", "f.yaml:1: a pipeline is a map that begins with \"pipeline: NAME\"");
        add("broken yaml", "pipeline: [p\ntasks\n", "f.yaml:");
        add("no name", "tasks:\n  - {name: x, step: a}\n", "f.yaml:1: the key \"pipeline\" (the name) is missing");
        add("no tasks", "pipeline: p\n", "f.yaml:1: the key \"tasks\" is missing");
        add("unknown key", "pipeline: p\ntask_list: []\n", "f.yaml:2: pipeline: unknown key \"task_list\"; known: ");
        add("key twice", "pipeline: p\npipeline: q\n", "f.yaml:2: pipeline: \"pipeline\" stands there twice");
        add("alias", "pipeline: &x p\ntasks: *x\n", "f.yaml:1: anchors (&name) are not supported");
        add("deep", "pipeline: p\ntasks: [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n", "f.yaml:2: nested too deeply");
        add("unknown step", head + "  - {name: x, step: a}\n  - {name: y, step: fly}\n",
            "f.yaml:4: task \"y\": unknown step \"fly\"; known: a, b");
        add("duplicate name", head + "  - {name: x, step: a}\n  - {name: x, step: b}\n",
            "f.yaml:4: task \"x\": the name is taken by the task in line 3");
        add("no such task", head + "  - {name: x, step: a, after: [y]}\n",
            "f.yaml:3: task \"x\": waits for \"y\", which is no task");
        add("circle",
            head + "  - {name: w, step: a}\n  - {name: x, step: a, after: [y]}\n  - {name: y, step: a, after: [x]}\n",
            "f.yaml:4: tasks wait for each other in a circle: x, y");
        add("itself", head + "  - {name: x, step: a, after: [x]}\n",
            "f.yaml:3: tasks wait for each other in a circle: x");
        add("unknown parameter", head + "  - name: x\n    step: a\n    with:\n      y: 1\n",
            "f.yaml:6: task \"x\": the step a has no parameter \"y\"");
        add("step's own check", head + "  - name: x\n    step: b\n    with: {n: 12}\n",
            "f.yaml:3: task \"x\": n: \"12\" is not a whole number from 1 to 9");
        add("check of a default",
            "pipeline: p\nparameters: {k: zero}\ntasks:\n  - {name: x, step: b, with: {n: \"${k}\"}}\n",
            "f.yaml:4: task \"x\": n: \"zero\" is not a whole number from 1 to 9");
        add("no such parameter", head + "  - {name: x, step: a, with: {x: \"${k}\"}}\n",
            "f.yaml:3: x: the pipeline has no parameter \"k\"");
        add("weight", head + "  - {name: x, step: a, weight: 0}\n",
            "f.yaml:3: task: weight is a whole number from 1 to 1000");
        add("column type", "pipeline: p\ncolumns:\n  c: {type: blob}\n",
            "f.yaml:3: columns: c: type \"blob\" is unknown; known: number, text, time");
        add("known", "pipeline: p\ncolumns:\n  c: {known: maybe}\n",
            "f.yaml:3: columns: c: known is \"before\" or \"after\", not \"maybe\"");
        add("range", "pipeline: p\ncolumns:\n  c: {range: [3, 1]}\n",
            "f.yaml:3: columns: c: range is [lowest, highest]");
        add("share", "pipeline: p\ncolumns:\n  c: {maximum_missing: 7}\n",
            "f.yaml:3: columns: c: maximum_missing is a share from 0 to 1");
        add("feature twice", "pipeline: p\nfeatures:\n  - a\n  - a\n", "f.yaml:4: features: \"a\" stands there twice");
        add("task type", "pipeline: p\ntask: ranking\n", "f.yaml:2: task: \"ranking\" is not supported; known: binary");
        add("large", "pipeline: p\n" + QByteArray(1 << 20, '#'), "f.yaml: is larger than 1 MiB");
    }
    void refuses() {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, message);
        const auto registry = steps();
        const auto p = parsePipeline(std::string_view(yaml.constData(), static_cast<std::size_t>(yaml.size())),
                                     "f.yaml", &registry);
        QVERIFY(!p);
        QCOMPARE(p.error().kind, ErrorKind::InvalidInput);
        const QString text = QString::fromStdString(p.error().text());
        QVERIFY2(text.startsWith(message), qPrintable(text));
    }

    /// Any prefix of a real definition is read or refused, and never anything else.
    void everyPrefix() {
        const std::string yaml = resource(u":/pipelines/train-delay.yaml"_qs);
        for (std::size_t n = 0; n < yaml.size(); n += 7) {
            const auto p = parsePipeline(std::string_view(yaml).substr(0, n), "f.yaml");
            if (!p) QVERIFY(p.error().text().starts_with("f.yaml:"));
        }
    }

    void planAndSpans() {
        const auto registry = steps();
        const auto p = parsePipeline(R"(pipeline: p
tasks:
  - {name: last, step: a, after: [left, right], weight: 2}
  - {name: first, step: a}
  - {name: right, step: a, after: [first], weight: 5}
  - {name: left, step: a, after: [first]}
)",
                                     "f.yaml", &registry);
        QVERIFY(p);
        QVERIFY((planOrder(*p) == std::vector<std::size_t>{1, 2, 3, 0}));  // the file's order among equals
        const auto spans = planSpans(*p, 8'000);
        const auto is = [&](std::size_t i, std::int64_t start, std::int64_t end) {
            return spans[i].startNs == start && spans[i].endNs == end;
        };
        QVERIFY(is(1, 0, 1'000));
        QVERIFY(is(2, 1'000, 6'000));
        QVERIFY(is(3, 1'000, 2'000));  // beside the longer one
        QVERIFY(is(0, 6'000, 8'000));
    }

    void examples() {
        for (const char* name : {"train-delay", "train-from-csv"}) {
            const auto p = parsePipeline(resource(u":/pipelines/"_qs + QString::fromLatin1(name) + u".yaml"_qs),
                                         std::string(name) + ".yaml");
            QVERIFY2(p, p ? "" : p.error().text().c_str());
            QCOMPARE(p->name, std::string(name));
            const std::string text = explain(*p);
            QVERIFY(text.find("1. ingest: read labelled rows") != std::string::npos);
            QVERIFY(text.find("register (after gate, profile)") != std::string::npos);
        }
        const auto p = parsePipeline(resource(u":/pipelines/train-delay.yaml"_qs), "train-delay.yaml");
        QCOMPARE(p->features.size(), std::size_t(18));
        QCOMPARE(p->tasks.size(), std::size_t(9));
        QVERIFY(p->column("dep_delay_min")->known == Known::After);
    }

    void rules() {
        const auto rule = parseRule("auc_difference_champion low > 0 when champion");
        QVERIFY(rule);
        Judgement judgement;
        judgement.metrics.push_back({"auc_difference_champion", 0.002, -0.009, 0.013, 100});
        QVERIFY(applyRule(*rule, {}).passed);  // nothing is in production
        QVERIFY(!applyRule(*rule, {}).applies);
        judgement.champion = "v1";
        const RuleVerdict verdict = applyRule(*rule, judgement);
        QVERIFY(!verdict.passed);
        QCOMPARE(QString::fromStdString(verdict.text),
                 u"AUC difference to v1 0.0020 (−0.0090 – 0.0130), limit: lower bound above 0"_qs);
        const auto first = parseRule("auc_difference_baseline low > 0 when no champion");
        QVERIFY(first && applyRule(*first, judgement).passed && !applyRule(*first, judgement).applies);
        QVERIFY(!applyRule(*first, {}).passed);  // asked, and there is no such metric
        judgement.metrics[0].low = 0.001;
        QVERIFY(applyRule(*rule, judgement).passed);
        judgement.metrics[0].low = 0;
        QVERIFY(!applyRule(*rule, judgement).passed);  // above, not at
        judgement.metrics.clear();
        judgement.championNote = "no artifact";
        const RuleVerdict absent = applyRule(*rule, judgement);  // what cannot be shown is not passed
        QVERIFY(!absent.passed);
        QCOMPARE(QString::fromStdString(absent.text),
                 u"AUC difference to v1 was not computed (no artifact), limit: lower bound above 0"_qs);
        for (const char* wrong : {"", "auc", "auc >", "auc > much", "auc middle > 1", "auc = 1", "auc > 1 when raining",
                                  "auc > 1 when", "auc > 1 when no", "auc > 1 2 3"})
            QVERIFY(!parseRule(wrong));
        const auto back = judgementFromJson(toJson(judgement));
        QVERIFY(back);
        QCOMPARE(back->championNote, std::string("no artifact"));
        QVERIFY(!judgementFromJson("{}"));
        QVERIFY(!judgementFromJson("\xFF"));
    }
};

QTEST_GUILESS_MAIN(TestDefinition)
#include "tst_definition.moc"
