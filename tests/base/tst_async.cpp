// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPromise>
#include <QSignalSpy>
#include <QTest>
#include <memory>
#include <thread>

#include "models/base/latest.h"
#include "models/base/throttle.h"

using namespace pilothouse;

namespace {

/// A question whose answer the test gives when it wants to.
struct Question {
    std::shared_ptr<QPromise<Result<int>>> promise = std::make_shared<QPromise<Result<int>>>();
    CancellationToken token;

    auto ask() {
        return [this](CancellationToken t) {
            token = t;
            promise->start();
            return promise->future();
        };
    }
    void answer(Result<int> value) {
        promise->addResult(std::move(value));
        promise->finish();
    }
};

Status both(Status first, Status second, int& reached) {
    PH_TRY(first);
    ++reached;
    PH_TRY(second);
    ++reached;
    return {};
}

Result<int> twice(Result<int> in) {
    PH_ASSIGN(const int value, std::move(in));
    return 2 * value;
}

}  // namespace

class TestAsync : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anErrorEndsAFunctionThatTries() {
        int reached = 0;
        QVERIFY(both({}, {}, reached) && reached == 2);
        const Status failed = both({}, fail(ErrorKind::NotFound, "no such row", "log", "id 5"), reached);
        QVERIFY(!failed && reached == 3);
        QCOMPARE(failed.error().text(), std::string("log: no such row (id 5)"));
        QCOMPARE(*twice(21), 42);
        QCOMPARE(twice(fail(Error::internal("broken"))).error().message, std::string("broken"));
    }

    void cancellingReachesEveryCopyOfTheToken() {
        const CancellationToken never;
        QVERIFY(!never.cancelled() && never.check());
        CancellationToken copy;
        {
            CancellationSource source;
            copy = source.token();
            const CancellationToken other = copy;
            QVERIFY(!copy.cancelled() && copy.check());
            source.cancel();
            QVERIFY(copy.cancelled() && other.cancelled());
        }
        const Status status = copy.check();
        QVERIFY(!status && status.error().kind == ErrorKind::Cancelled);
        QVERIFY(isCancelled(Result<int>(fail(status.error()))));
        QVERIFY(!isCancelled(Result<int>(1)) && !isCancelled(Result<int>(fail(Error::internal("x")))));
    }

    void aDestroyedSourceDoesNotCancel() {
        auto source = std::make_unique<CancellationSource>();
        const CancellationToken token = source->token();
        source.reset();
        QVERIFY(!token.cancelled());
    }

    void cancellingIsSeenByAnotherThread() {
        CancellationSource source;
        std::thread worker([token = source.token()] {
            while (token.check())
                std::this_thread::yield();
        });
        source.cancel();
        worker.join();
    }

    void cancelDropsTheAnswer() {
        QObject context;
        Latest latest;
        Question question;
        bool called = false;
        latest.start(&context, question.ask(), [&](const Result<int>&) { called = true; });
        latest.cancel();
        QVERIFY(question.token.cancelled() && !latest.running());
        question.answer(1);
        QCoreApplication::processEvents();
        QVERIFY(!called);
    }

    void aBurstGivesItsFirstAndItsLast() {
        Throttle throttle(50);
        QSignalSpy spy(&throttle, &Throttle::triggered);
        for (int i = 0; i < 100; ++i)
            throttle.trigger();
        QCOMPARE(spy.size(), 1);  // at once
        QTRY_COMPARE(spy.size(), 2);
        QTest::qWait(150);
        QCOMPARE(spy.size(), 2);  // and no more
        throttle.trigger();
        QCOMPARE(spy.size(), 3);
    }

    void aSingleEventIsNotDoubled() {
        Throttle throttle(20);
        QSignalSpy spy(&throttle, &Throttle::triggered);
        throttle.trigger();
        QTest::qWait(80);
        QCOMPARE(spy.size(), 1);
    }

    void aSteadyStreamIsThinned() {
        Throttle throttle(40);
        QSignalSpy spy(&throttle, &Throttle::triggered);
        QElapsedTimer time;
        time.start();
        while (time.elapsed() < 400) {
            throttle.trigger();
            QTest::qWait(2);
        }
        // One each 40 ms and the first; a slow machine may give fewer, never more.
        QVERIFY2(spy.size() >= 3 && spy.size() <= static_cast<int>(time.elapsed() / 40) + 2,
                 qPrintable(QString::number(spy.size())));
    }
};

QTEST_GUILESS_MAIN(TestAsync)
#include "tst_async.moc"
