// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>
#include <functional>

#include "models/ports/alert_source.h"

/// What every AlertSource must do. A suite gives a source with exactly one open alert, firing, of labels alertname,
/// monitor="features" and model="delay", and no silence.
namespace pilothouse::contract {

struct AlertSubject {
    ports::AlertSource& source;
    std::function<Timestamp()> now;  ///< the source's clock
};

template <class T>
Result<T> answerOf(QFuture<Result<T>> future) {
    [&] { QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 30'000); }();
    if (!future.isFinished()) return fail(Error::internal("no answer"));
    return future.result();
}

inline ports::Silence silenceOf(const AlertSubject& subject, std::vector<ports::Matcher> matchers) {
    ports::Silence out;
    out.matchers = std::move(matchers);
    out.range = {subject.now() + std::chrono::seconds(0), subject.now() + std::chrono::hours(24)};
    out.author = "test";
    out.comment = "known";
    return out;
}
inline ports::Alert openAlert(const AlertSubject& subject) {
    const auto open = answerOf(subject.source.alerts(true, {}));
    return open && open->size() == 1 ? open->front() : ports::Alert{};
}

inline void theOpenAlert(const AlertSubject& subject) {
    const auto open = answerOf(subject.source.alerts(true, {}));
    QVERIFY2(open, open ? "" : open.error().text().c_str());
    QCOMPARE(open->size(), std::size_t{1});
    const ports::Alert& a = open->front();
    QVERIFY(a.state == ports::AlertState::Firing);
    QVERIFY(a.firingSince && !a.resolvedAt);
    QVERIFY(!a.fingerprint.empty() && !a.suppressed());
    QCOMPARE(a.name, a.labels.at("alertname"));
    QCOMPARE(a.monitor, std::string("features"));
    QCOMPARE(a.model, std::string("delay"));
    const auto all = answerOf(subject.source.alerts(false, {}));
    QVERIFY(all && all->size() >= open->size());
    for (std::size_t i = 1; i < all->size(); ++i)
        QVERIFY((*all)[i - 1].pendingSince >= (*all)[i].pendingSince);
}

inline void aSilenceComesAndGoes(const AlertSubject& subject) {
    const ports::Silence silence = silenceOf(subject, {{"monitor", "features"}, {"model", "delay"}});
    const auto id = answerOf(subject.source.silence(silence));
    QVERIFY2(id, id ? "" : id.error().text().c_str());
    QVERIFY(openAlert(subject).silenced);
    QCOMPARE(openAlert(subject).silencedBy, std::vector<std::string>{*id});
    auto listed = answerOf(subject.source.silences({}));
    QVERIFY(listed);
    QCOMPARE(listed->size(), std::size_t{1});
    QCOMPARE(listed->front().id, *id);
    QVERIFY(listed->front().matchers == silence.matchers);
    QCOMPARE(listed->front().comment, silence.comment);
    QCOMPARE(listed->front().author, silence.author);
    QVERIFY(answerOf(subject.source.expireSilence(*id)));
    QVERIFY(!openAlert(subject).silenced);
    listed = answerOf(subject.source.silences({}));
    QVERIFY(listed->front().range.end <= subject.now());
    QVERIFY(answerOf(subject.source.expireSilence(*id)));  // once more changes nothing
}

/// Each row: matchers beside model="delay", and whether they hold of the alert.
inline void everyKindOfMatcher(const AlertSubject& subject) {
    using Op = ports::MatchOperator;
    const std::vector<std::pair<ports::Matcher, bool>> rows{
        {{"monitor", "features", Op::Equal}, true},
        {{"monitor", "score", Op::NotEqual}, true},
        {{"monitor", "features", Op::NotEqual}, false},
        {{"monitor", "feat.*|score", Op::Matches}, true},
        {{"monitor", "feat", Op::Matches}, false},  // the whole value
        {{"monitor", "s.*", Op::NotMatches}, true},
        {{"monitor", "f.*", Op::NotMatches}, false},
        {{"team", "", Op::Equal}, true},  // a label that is not there
    };
    for (const auto& [matcher, silenced] : rows) {
        const ports::Silence silence = silenceOf(subject, {{"model", "delay"}, matcher});
        const auto id = answerOf(subject.source.silence(silence));
        const std::string words = ports::toString(matcher) + (id ? "" : ": " + id.error().text());
        QVERIFY2(id, words.c_str());
        const ports::Alert alert = openAlert(subject);
        QVERIFY2(alert.silenced == silenced, words.c_str());
        QCOMPARE(alert.silencedBy, (silenced ? std::vector<std::string>{*id} : std::vector<std::string>{}));
        const auto listed = answerOf(subject.source.silences({}));
        const auto place =
            std::find_if(listed->begin(), listed->end(), [&](const ports::Silence& s) { return s.id == *id; });
        QVERIFY2(place != listed->end() && place->matchers == silence.matchers, words.c_str());
        QVERIFY(answerOf(subject.source.expireSilence(*id)));
    }
}

inline void aSilenceIsChanged(const AlertSubject& subject) {
    ports::Silence silence = silenceOf(subject, {{"monitor", "features"}});
    const auto id = answerOf(subject.source.silence(silence));
    QVERIFY(id);
    const auto find = [&](const std::string& wanted) {
        const auto listed = answerOf(subject.source.silences({}));
        for (const ports::Silence& s : *listed)
            if (s.id == wanted) return s;
        return ports::Silence{};
    };
    silence = find(*id);
    silence.range.end = silence.range.end + std::chrono::hours(24);
    silence.comment = "known for longer";
    const auto same = answerOf(subject.source.silence(silence));
    QVERIFY2(same, same ? "" : same.error().text().c_str());
    QCOMPARE(*same, *id);
    QCOMPARE(find(*id).range.end, silence.range.end);
    QCOMPARE(find(*id).comment, silence.comment);
    // Other matchers: what was silenced before stays known.
    silence.matchers = {{"monitor", "score"}};
    const auto other = answerOf(subject.source.silence(silence));
    QVERIFY2(other, other ? "" : other.error().text().c_str());
    QVERIFY(*other != *id);
    QVERIFY(find(*id).range.end <= subject.now());
    QVERIFY(find(*other).range.end > subject.now());
    QVERIFY(!openAlert(subject).silenced);
    QVERIFY(answerOf(subject.source.expireSilence(*other)));
}

inline void unsoundSilencesAreRefused(const AlertSubject& subject) {
    const auto refused = [&](const ports::Silence& silence) {
        const auto got = answerOf(subject.source.silence(silence));
        return !got && got.error().kind == ErrorKind::InvalidInput && !got.error().message.empty();
    };
    ports::Silence silence = silenceOf(subject, {});
    QVERIFY(refused(silence));
    silence = silenceOf(subject, {{"monitor", "features"}});
    silence.range.end = silence.range.start;
    QVERIFY(refused(silence));
    silence.range = {subject.now() - std::chrono::hours(2), subject.now() - std::chrono::hours(1)};
    QVERIFY(refused(silence));
    QVERIFY(refused(silenceOf(subject, {{"monitor", "(", ports::MatchOperator::Matches}})));
    QVERIFY(refused(silenceOf(subject, {{"monitor", ".*", ports::MatchOperator::Matches}})));  // of every alert
    QVERIFY(refused(silenceOf(subject, {{"", "x"}})));
    silence = silenceOf(subject, {{"monitor", "features"}});
    silence.id = "d4829986-faa9-4f85-a446-6eaf64b12259";  // of another one
    const auto missing = answerOf(subject.source.silence(silence));
    QVERIFY(!missing);
    QCOMPARE(missing.error().kind, ErrorKind::NotFound);
    for (const char* id : {"d4829986-faa9-4f85-a446-6eaf64b12259", "../alerts", ""})
        QCOMPARE(answerOf(subject.source.expireSilence(id)).error().kind, ErrorKind::NotFound);
}

inline void cancelledIsNoError(const AlertSubject& subject) {
    CancellationSource cancel;
    cancel.cancel();
    QVERIFY(isCancelled(answerOf(subject.source.alerts(false, cancel.token()))));
    QVERIFY(isCancelled(answerOf(subject.source.silences(cancel.token()))));
}

}  // namespace pilothouse::contract
