// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>
#include <algorithm>
#include <functional>

#include "models/ports/orchestrator.h"

/// What every Orchestrator must do. A suite gives one that holds the pipeline below and nothing that runs by itself.
namespace pilothouse::contract {

/// Pipeline `name` with parameter `parameter`: task "ingest", and task "validate" after it; both succeed within seconds
/// and write at least one log line.
struct KnownPipeline {
    std::string name = "contract";
    std::string parameter = "rows";
    /// Lets the engine behind the port do what was asked for, until nothing more is to be done.
    std::function<void()> settle;
};

template <class T>
Result<T> answerOf(QFuture<Result<T>> future) {
    [&] { QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 30'000); }();
    if (!future.isFinished()) return fail(Error::internal("no answer"));
    return future.result();
}

inline void pipelinesAreListed(ports::Orchestrator& orchestrator, const KnownPipeline& known) {
    const auto all = answerOf(orchestrator.pipelines({}));
    QVERIFY2(all, all ? "" : all.error().text().c_str());
    const auto it = std::find_if(all->begin(), all->end(), [&](const auto& p) { return p.name == known.name; });
    QVERIFY(it != all->end());
    QVERIFY(!it->description.empty());
    QVERIFY(!it->definition.empty());
}

inline void aTriggerMakesARun(ports::Orchestrator& orchestrator, const KnownPipeline& known) {
    const auto first = answerOf(orchestrator.trigger(known.name, {}, "first"));
    QVERIFY2(first, first ? "" : first.error().text().c_str());
    const auto second = answerOf(orchestrator.trigger(known.name, {{known.parameter, "17"}}, "second"));
    QVERIFY(second);
    QVERIFY(*first != *second);
    const auto runs = answerOf(orchestrator.runs(10, {}));
    QVERIFY(runs);
    QVERIFY(runs->size() >= 2);
    QCOMPARE((*runs)[0].id, *second);  // newest first
    QCOMPARE((*runs)[1].id, *first);
    QVERIFY((*runs)[0].tasks.empty());
    QCOMPARE((*runs)[0].pipeline, known.name);
    QCOMPARE((*runs)[0].cause, std::string("second"));
    QCOMPARE((*runs)[0].trigger, std::string("manual"));
    QCOMPARE((*runs)[0].parameters.at(known.parameter), std::string("17"));
    const auto one = answerOf(orchestrator.runs(1, {}));
    QVERIFY(one);
    QCOMPARE(one->size(), std::size_t{1});
    known.settle();
}

inline void aRunGoesToItsEnd(ports::Orchestrator& orchestrator, const KnownPipeline& known) {
    const auto id = answerOf(orchestrator.trigger(known.name, {}, "to the end"));
    QVERIFY(id);
    known.settle();
    const auto run = answerOf(orchestrator.run(*id, {}));
    QVERIFY(run);
    QVERIFY2(run->state == ports::RunState::Succeeded, run->result.c_str());
    QVERIFY(run->started && run->finished && run->created <= *run->started && *run->started <= *run->finished);
    QCOMPARE(run->tasks.size(), std::size_t{2});
    QCOMPARE(run->tasks[0].name, std::string("ingest"));
    QCOMPARE(run->tasks[1].name, std::string("validate"));
    QVERIFY(run->tasks[1].after == std::vector<std::string>{"ingest"});
    for (const ports::Task& task : run->tasks) {
        QVERIFY(task.state == ports::TaskState::Succeeded);
        QVERIFY(task.started && task.finished && *run->started <= *task.started && *task.started <= *task.finished &&
                *task.finished <= *run->finished);
        QVERIFY(!task.outputs.empty());
        const auto log = answerOf(orchestrator.log(*id, task.name, 0, {}));
        QVERIFY(log);
        QVERIFY(!log->empty());
        for (std::size_t i = 1; i < log->size(); ++i)
            QVERIFY((*log)[i].sequence > (*log)[i - 1].sequence);
        const auto rest = answerOf(orchestrator.log(*id, task.name, log->front().sequence, {}));
        QVERIFY(rest);
        QCOMPARE(rest->size(), log->size() - 1);  // strictly after the line that is known
    }
    QVERIFY(*run->tasks[0].finished <= *run->tasks[1].started);
    const auto late = answerOf(orchestrator.cancel(*id));
    QVERIFY(!late);
    QCOMPARE(late.error().kind, ErrorKind::Conflict);
}

inline void whatHasNotBegunCanBeCancelled(ports::Orchestrator& orchestrator, const KnownPipeline& known) {
    const auto id = answerOf(orchestrator.trigger(known.name, {}, "to be cancelled"));
    QVERIFY(id);
    QVERIFY(answerOf(orchestrator.cancel(*id)));
    known.settle();
    const auto run = answerOf(orchestrator.run(*id, {}));
    QVERIFY(run);
    QVERIFY(run->state == ports::RunState::Cancelled);
    for (const ports::Task& task : run->tasks)
        QVERIFY(task.state == ports::TaskState::Cancelled);
}

inline void theUnknownIsNotFound(ports::Orchestrator& orchestrator, const KnownPipeline& known) {
    const auto kindOf = [](const auto& answer) { return answer ? ErrorKind::Internal : answer.error().kind; };
    for (const char* id : {"987654321", "no such run", "", "-1"}) {
        QCOMPARE(kindOf(answerOf(orchestrator.run(id, {}))), ErrorKind::NotFound);
        QCOMPARE(kindOf(answerOf(orchestrator.cancel(id))), ErrorKind::NotFound);
        QCOMPARE(kindOf(answerOf(orchestrator.log(id, "ingest", 0, {}))), ErrorKind::NotFound);
    }
    QCOMPARE(kindOf(answerOf(orchestrator.trigger("no such pipeline", {}, ""))), ErrorKind::NotFound);
    QCOMPARE(kindOf(answerOf(orchestrator.trigger(known.name, {{"no such parameter", "1"}}, ""))),
             ErrorKind::InvalidInput);
    const auto id = answerOf(orchestrator.trigger(known.name, {}, ""));
    QVERIFY(id);
    QCOMPARE(kindOf(answerOf(orchestrator.log(*id, "no such task", 0, {}))), ErrorKind::NotFound);
    known.settle();
}

inline void aCancelledQuestionIsCancelled(ports::Orchestrator& orchestrator) {
    CancellationSource cancel;
    cancel.cancel();
    QVERIFY(isCancelled(answerOf(orchestrator.runs(10, cancel.token()))));
    QVERIFY(isCancelled(answerOf(orchestrator.pipelines(cancel.token()))));
}

}  // namespace pilothouse::contract
