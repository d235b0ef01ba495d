// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPromise>
#include <QSignalSpy>
#include <QTest>
#include <thread>

#include "models/base/latest.h"

using namespace pilothouse;

namespace {
/// A question whose answer comes when and where the test wants.
struct Question {
    QPromise<Result<int>> promise;
    CancellationToken token;
    QFuture<Result<int>> ask(CancellationToken t) {
        token = std::move(t);
        promise.start();
        return promise.future();
    }
    void answer(Result<int> value) {
        promise.addResult(std::move(value));
        promise.finish();
    }
    void answerElsewhere(int value) {
        std::thread([this, value] { answer(value); }).join();
    }
};
}  // namespace

class TestLatest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theAnswerComesOnTheContextsThread() {
        Latest latest;
        Question q;
        int got = 0;
        QThread* where = nullptr;
        latest.start(
            this, [&](auto token) { return q.ask(token); },
            [&](Result<int> r) { got = *r, where = QThread::currentThread(); });
        QVERIFY(latest.running());
        q.answerElsewhere(7);
        QCOMPARE(got, 0);  // posted, not called
        QTRY_COMPARE(got, 7);
        QCOMPARE(where, thread());
        QVERIFY(!latest.running());
    }
    void theNewestWins() {
        Latest latest;
        Question first, second;
        QList<int> got;
        const auto done = [&](Result<int> r) { got << *r; };
        latest.start(
            this, [&](auto token) { return first.ask(token); }, done);
        latest.start(
            this, [&](auto token) { return second.ask(token); }, done);
        QVERIFY(first.token.cancelled());
        QVERIFY(!second.token.cancelled());
        second.answerElsewhere(2);
        first.answerElsewhere(1);
        QTRY_COMPARE(got, QList<int>{2});
        QTest::qWait(20);
        QCOMPARE(got, QList<int>{2});
    }
    void nothingIsCalledOnceTheContextIsGone() {
        bool called = false;
        Latest outlives;
        Question late, posted;
        auto* context = new QObject;
        outlives.start(
            context, [&](auto token) { return late.ask(token); }, [&](Result<int>) { called = true; });
        delete context;
        late.answerElsewhere(1);
        QTRY_VERIFY(!outlives.running());
        QVERIFY(!called);
        context = new QObject;
        outlives.start(
            context, [&](auto token) { return posted.ask(token); }, [&](Result<int>) { called = true; });
        posted.answerElsewhere(1);  // on its way when the context goes
        delete context;
        QTRY_VERIFY(!outlives.running());
        QVERIFY(!called);
    }
    void nothingIsCalledOnceItIsGoneItself() {
        bool called = false;
        Question before, after;
        {
            Latest latest;
            latest.start(
                this, [&](auto token) { return before.ask(token); }, [&](Result<int>) { called = true; });
            before.answerElsewhere(1);
        }
        {
            Latest latest;
            latest.start(
                this, [&](auto token) { return after.ask(token); }, [&](Result<int>) { called = true; });
        }
        QVERIFY(after.token.cancelled());
        after.answerElsewhere(1);
        QTest::qWait(20);
        QVERIFY(!called);
    }
    void cancelledIsNoAnswer() {
        Latest latest;
        Question q;
        bool called = false;
        latest.start(
            this, [&](auto token) { return q.ask(token); }, [&](Result<int>) { called = true; });
        q.answer(fail(Error::cancelled()));
        QTRY_VERIFY(!latest.running());
        QVERIFY(!called);
    }
};

QTEST_GUILESS_MAIN(TestLatest)
#include "tst_latest.moc"
