// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QObject>
#include <QRegularExpression>
#include <QTest>
#include <algorithm>
#include <functional>
#include <memory>

#include "models/ports/model_registry.h"

namespace pilothouse::contract {

/// A model registry with nothing in it, and what the suite needs to fill it. Gone with this object.
struct RegistryUnderTest {
    virtual ~RegistryUnderTest() = default;
    [[nodiscard]] virtual ports::ModelRegistry& registry() = 0;
    [[nodiscard]] virtual Status addVersion(const ports::ModelVersion& version) = 0;
    /// Returns the digest.
    [[nodiscard]] virtual Result<std::string> addArtifact(const QByteArray& bytes) = 0;
    /// The registry's idea of now, made to move on by at least a second.
    [[nodiscard]] virtual Timestamp tick() = 0;
};

/// What every ModelRegistry does. Run it with QTest::qExec; the factory is called for each test function.
class ModelRegistryContract : public QObject {
    Q_OBJECT
public:
    using Factory = std::function<std::unique_ptr<RegistryUnderTest>()>;
    explicit ModelRegistryContract(Factory factory) : m_factory(std::move(factory)) {}

private:
    Factory m_factory;
    std::unique_ptr<RegistryUnderTest> m_under;

    ports::ModelRegistry& registry() { return m_under->registry(); }
    static ports::ModelVersion sample(const char* model, const char* version, Timestamp created) {
        ports::ModelVersion out;
        out.model = model;
        out.version = version;
        out.created = created;
        out.runId = "12";
        out.task = "binary";
        out.positiveClass = "late";
        out.trainedOn = {Timestamp::fromSeconds(100), Timestamp::fromSeconds(200)};
        out.evaluatedOn = {Timestamp::fromSeconds(200), Timestamp::fromSeconds(300)};
        out.trainingRows = 1'000;
        out.features = {"carrier", "distance_mi"};
        out.metrics = {{"auc", 0.71, 0.70, 0.72, 500}};
        out.parameters = {{"max_depth", "6"}};
        return out;
    }
    void add(const char* model, const char* version) {
        const Status added = m_under->addVersion(sample(model, version, m_under->tick()));
        QVERIFY2(added.has_value(), added ? "" : added.error().text().c_str());
    }
    Status set(const char* model, const char* alias, const char* version) {
        return registry().setAlias(model, alias, version, "user", "because").result();
    }

private Q_SLOTS:
    void init() {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".?")));
        m_under = m_factory();
        QVERIFY(m_under);
    }
    void cleanup() { m_under.reset(); }

    void emptyAtFirst() {
        const auto models = registry().models({}).result();
        QVERIFY(models.has_value());
        QVERIFY(models->empty());
    }

    void anUnknownModelHasNothing() {
        add("delay", "v1");
        const auto versions = registry().versions("other", {}).result();
        QVERIFY(versions ? versions->empty() : versions.error().kind == ErrorKind::NotFound);
        const auto history = registry().aliasHistory("other", {}).result();
        QVERIFY(history ? history->empty() : history.error().kind == ErrorKind::NotFound);
    }

    void versionsComeNewestFirst() {
        for (const char* version : {"v1", "v2", "v3"})
            add("delay", version);
        add("other", "v9");
        const auto versions = registry().versions("delay", {}).result();
        QVERIFY(versions.has_value());
        QCOMPARE(versions->size(), 3U);
        QCOMPARE(versions->at(0).version, std::string("v3"));
        QCOMPARE(versions->at(2).version, std::string("v1"));
        QVERIFY(versions->at(0).created > versions->at(1).created);
        for (const auto& version : *versions)
            QCOMPARE(version.model, std::string("delay"));
    }

    void aVersionKeepsWhatItSays() {
        add("delay", "v1");
        const auto versions = registry().versions("delay", {}).result();
        QVERIFY(versions && versions->size() == 1);
        const ports::ModelVersion& version = versions->front();
        const ports::ModelVersion expected = sample("delay", "v1", version.created);
        QCOMPARE(version.runId, expected.runId);
        QCOMPARE(version.task, expected.task);
        QCOMPARE(version.positiveClass, expected.positiveClass);
        QCOMPARE(version.threshold, expected.threshold);
        QVERIFY(version.trainedOn == expected.trainedOn);
        QVERIFY(version.evaluatedOn == expected.evaluatedOn);
        QVERIFY(version.features == expected.features);
        QVERIFY(version.parameters == expected.parameters);
        const ports::Metric* auc = version.metric("auc");
        QVERIFY(auc);
        QCOMPARE(auc->value, 0.71);
        QCOMPARE(auc->low, 0.70);
        QCOMPARE(auc->n, std::uint64_t{500});
    }

    void summariesCountAndName() {
        add("delay", "v1");
        add("delay", "v2");
        add("a model with a blank, and \xC3\xA9", "v1");
        (void)m_under->tick();
        QVERIFY(set("delay", ports::kChampion, "v1").has_value());
        const auto models = registry().models({}).result();
        QVERIFY(models.has_value());
        QCOMPARE(models->size(), 2U);
        const auto delay =
            std::find_if(models->begin(), models->end(), [](const auto& m) { return m.name == "delay"; });
        QVERIFY(delay != models->end());
        QCOMPARE(delay->versions, 2U);
        QCOMPARE(delay->aliases.size(), 1U);
        QCOMPARE(delay->aliases.at(ports::kChampion), std::string("v1"));
    }

    void anAliasMovesAndItsHistoryStays() {
        add("delay", "v1");
        add("delay", "v2");
        const Timestamp first = m_under->tick();
        QVERIFY(set("delay", ports::kChampion, "v1").has_value());
        (void)m_under->tick();
        QVERIFY(set("delay", ports::kChampion, "v2").has_value());
        (void)m_under->tick();
        QVERIFY(set("delay", ports::kChampion, "v1").has_value());  // roll back
        QVERIFY(set("delay", "challenger", "v2").has_value());
        const auto history = registry().aliasHistory("delay", {}).result();
        QVERIFY(history.has_value());
        std::vector<ports::AliasPeriod> champion;
        for (const auto& period : *history)
            if (period.alias == ports::kChampion) champion.push_back(period);
        QCOMPARE(history->size(), champion.size() + 1);
        QCOMPARE(champion.size(), 3U);
        QCOMPARE(champion[0].version, std::string("v1"));
        QCOMPARE(champion[1].version, std::string("v2"));
        QCOMPARE(champion[2].version, std::string("v1"));
        QVERIFY(champion[0].from >= first);
        for (std::size_t i = 0; i + 1 < champion.size(); ++i) {  // no gap, no overlap
            QVERIFY(champion[i].to.has_value());
            QVERIFY(*champion[i].to == champion[i + 1].from);
            QVERIFY(champion[i].from < champion[i + 1].from);
        }
        QVERIFY(!champion[2].to.has_value());
        QCOMPARE(champion[2].actor, std::string("user"));
        QCOMPARE(champion[2].reason, std::string("because"));
    }

    void settingAnAliasTwiceIsOnce() {
        add("delay", "v1");
        (void)m_under->tick();
        QVERIFY(set("delay", ports::kChampion, "v1").has_value());
        (void)m_under->tick();
        QVERIFY(set("delay", ports::kChampion, "v1").has_value());
        const auto history = registry().aliasHistory("delay", {}).result();
        QVERIFY(history.has_value());
        QCOMPARE(history->size(), 1U);
    }

    void anAliasNeedsAVersionThatIsThere() {
        add("delay", "v1");
        (void)m_under->tick();
        QVERIFY(set("delay", ports::kChampion, "v1").has_value());
        const Status refused = set("delay", ports::kChampion, "v2");
        QVERIFY(!refused);
        QVERIFY2(refused.error().kind == ErrorKind::NotFound, refused.error().text().c_str());
        const Status unknown = set("nothing", ports::kChampion, "v1");
        QVERIFY(!unknown);
        QVERIFY2(unknown.error().kind == ErrorKind::NotFound, unknown.error().text().c_str());
        // And nothing changed.
        const auto models = registry().models({}).result();
        QVERIFY(models && models->size() == 1);
        QCOMPARE(models->front().aliases.at(ports::kChampion), std::string("v1"));
    }

    void aRemovedAliasLeavesItsHistory() {
        add("delay", "v1");
        (void)m_under->tick();
        QVERIFY(set("delay", ports::kChampion, "v1").has_value());
        QVERIFY(set("delay", "challenger", "v1").has_value());
        const Timestamp end = m_under->tick();
        QVERIFY(registry().removeAlias("delay", ports::kChampion, "user", "unsafe").result().has_value());
        const auto models = registry().models({}).result();
        QVERIFY(models && models->size() == 1);
        QCOMPARE(models->front().aliases.count(ports::kChampion), 0U);
        QCOMPARE(models->front().aliases.at("challenger"), std::string("v1"));
        auto history = registry().aliasHistory("delay", {}).result();
        QVERIFY(history.has_value());
        QCOMPARE(history->size(), 2U);
        for (const auto& period : *history)
            QCOMPARE(period.to.has_value(), period.alias == ports::kChampion);
        const auto ended = std::find_if(history->begin(), history->end(), [](const auto& p) { return p.to; });
        QVERIFY(*ended->to >= end);
        // It can be set again, as a period of its own.
        (void)m_under->tick();
        QVERIFY(set("delay", ports::kChampion, "v1").has_value());
        history = registry().aliasHistory("delay", {}).result();
        QVERIFY(history.has_value());
        QCOMPARE(history->size(), 3U);
    }

    void removingWhatIsNotSetChangesNothing() {
        add("delay", "v1");
        (void)m_under->tick();
        QVERIFY(registry().removeAlias("delay", ports::kChampion, "user", "").result().has_value());
        const auto history = registry().aliasHistory("delay", {}).result();
        QVERIFY(history.has_value());
        QVERIFY(history->empty());
        const Status unknown = registry().removeAlias("nothing", ports::kChampion, "user", "").result();
        QVERIFY(!unknown);
        QVERIFY2(unknown.error().kind == ErrorKind::NotFound, unknown.error().text().c_str());
    }

    void tagsOfVersionsAndOfModels() {
        add("delay", "v1");
        add("delay", "v2");
        const auto tag = [this](const char* version, const char* key, std::optional<std::string> value) {
            return registry().setTag("delay", version, key, std::move(value), "user").result().has_value();
        };
        QVERIFY(tag("v1", "validation", "approved"));
        QVERIFY(tag("v1", "note \xC3\xA9", "a \"quoted\"\nline"));
        QVERIFY(tag("", "owner", "ann"));
        QVERIFY(tag("v1", "validation", "refused"));
        auto versions = registry().versions("delay", {}).result();
        QVERIFY(versions && versions->size() == 2);
        QVERIFY(versions->at(0).tags.empty());
        QCOMPARE(versions->at(1).tags.size(), 2U);
        QCOMPARE(versions->at(1).tags.at("validation"), std::string("refused"));
        QCOMPARE(versions->at(1).tags.at("note \xC3\xA9"), std::string("a \"quoted\"\nline"));
        auto models = registry().models({}).result();
        QVERIFY(models && models->size() == 1);
        QCOMPARE(models->front().tags, (std::map<std::string, std::string>{{"owner", "ann"}}));

        QVERIFY(tag("v1", "validation", {}));
        QVERIFY(tag("v1", "validation", {}));  // it is gone already
        QVERIFY(tag("", "owner", {}));
        versions = registry().versions("delay", {}).result();
        QCOMPARE(versions->at(1).tags.size(), 1U);
        models = registry().models({}).result();
        QVERIFY(models->front().tags.empty());
    }

    void aTagNeedsAnOwnerAndAName() {
        add("delay", "v1");
        const auto tag = [this](const char* model, const char* version, const char* key) {
            return registry().setTag(model, version, key, "x", "user").result();
        };
        for (const Status& refused : {tag("delay", "v2", "k"), tag("nothing", "v1", "k"), tag("nothing", "", "k")}) {
            QVERIFY(!refused);
            QVERIFY2(refused.error().kind == ErrorKind::NotFound, refused.error().text().c_str());
        }
        const Status unnamed = tag("delay", "v1", "");
        QVERIFY(!unnamed);
        QVERIFY2(unnamed.error().kind == ErrorKind::InvalidInput, unnamed.error().text().c_str());
    }

    void artifactsAreTheirBytes() {
        QByteArray bytes("model\0bytes", 11);
        bytes += QByteArray(100'000, 'x');
        const auto digest = m_under->addArtifact(bytes);
        QVERIFY(digest.has_value());
        QVERIFY(digest->starts_with("sha256:"));
        const auto read = registry().artifact(*digest, {}).result();
        QVERIFY2(read.has_value(), read ? "" : read.error().text().c_str());
        QVERIFY(*read == bytes);
    }

    void anUnknownArtifactIsNotFound() {
        const auto absent = registry().artifact("sha256:" + std::string(64, '0'), {}).result();
        QVERIFY(!absent);
        QVERIFY2(absent.error().kind == ErrorKind::NotFound, absent.error().text().c_str());
        const auto nonsense = registry().artifact("../../etc/passwd", {}).result();
        QVERIFY(!nonsense);
        QVERIFY2(nonsense.error().kind == ErrorKind::InvalidInput || nonsense.error().kind == ErrorKind::NotFound,
                 nonsense.error().text().c_str());
    }

    void aCancelledQuestionSaysSo() {
        add("delay", "v1");
        CancellationSource source;
        source.cancel();
        QVERIFY(isCancelled(registry().models(source.token()).result()));
        QVERIFY(isCancelled(registry().versions("delay", source.token()).result()));
        QVERIFY(isCancelled(registry().aliasHistory("delay", source.token()).result()));
        QVERIFY(isCancelled(registry().artifact("sha256:" + std::string(64, '0'), source.token()).result()));
    }

    void manyMayAskAtOnce() {
        add("delay", "v1");
        add("delay", "v2");
        (void)m_under->tick();
        std::vector<QFuture<Result<std::vector<ports::ModelVersion>>>> reads;
        std::vector<QFuture<Result<void>>> writes;
        for (int i = 0; i < 20; ++i) {
            reads.push_back(registry().versions("delay", {}));
            writes.push_back(registry().setAlias("delay", "a" + std::to_string(i), i % 2 ? "v1" : "v2", "user", ""));
        }
        for (auto& read : reads)
            QCOMPARE(read.result()->size(), 2U);
        for (auto& write : writes)
            QVERIFY(write.result().has_value());
        QCOMPARE(registry().models({}).result()->front().aliases.size(), 20U);
    }
};

}  // namespace pilothouse::contract
