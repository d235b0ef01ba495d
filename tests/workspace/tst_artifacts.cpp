// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDirIterator>
#include <thread>

#include "models/workspace/files.h"
#include "models/workspace/registry_store.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::workspace;
using pilothouse::test::Folder;

namespace {

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

// echo -n hello | sha256sum
constexpr const char* kHello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

}  // namespace

class TestArtifacts : public QObject {
    Q_OBJECT

    std::unique_ptr<Folder> m_folder;
    std::shared_ptr<Workspace> m_workspace;

    Result<std::string> put(const std::vector<std::uint8_t>& content) {
        return m_workspace
            ->write([&](Database& d) { return artifacts::put(*m_workspace, d, content, "text/plain", Timestamp{1}); })
            .result();
    }
    [[nodiscard]] std::string pathOfHello() const {
        return m_workspace->artifactFolder() + "/2c/" + std::string(kHello).substr(2);
    }
    [[nodiscard]] int filesInFolder() const {
        int count = 0;
        QDirIterator it(QString::fromStdString(m_workspace->artifactFolder()), QDir::Files,
                        QDirIterator::Subdirectories);
        while (it.hasNext()) {
            it.next();
            ++count;
        }
        return count;
    }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<Folder>();
        m_workspace = *Workspace::create(m_folder->file(), ClockKind::Real, "UTC");
    }
    void cleanup() { m_workspace.reset(); }

    void storedUnderTheirDigest() {
        const auto digest = put(bytes("hello"));
        PH_VERIFY(digest);
        QCOMPARE(*digest, std::string("sha256:") + kHello);
        QCOMPARE(test::bytesOf(pathOfHello()), QByteArray("hello"));
        const auto read = artifacts::get(*m_workspace, *digest);
        PH_VERIFY(read);
        QVERIFY(*read == bytes("hello"));
        PH_VERIFY(put({}));  // nothing is something, too
        QCOMPARE(artifacts::get(*m_workspace, artifacts::digestOf({}))->size(), 0U);
        QCOMPARE(filesInFolder(), 2);
        QCOMPARE(m_workspace->verify({}, {})->size(), 0U);
    }

    void knownBytesAreNotWrittenTwice() {
        PH_VERIFY(put(bytes("hello")));
        const QDateTime before = QFileInfo(QString::fromStdString(pathOfHello())).lastModified();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        PH_VERIFY(put(bytes("hello")));
        QCOMPARE(QFileInfo(QString::fromStdString(pathOfHello())).lastModified(), before);
        QCOMPARE(filesInFolder(), 1);
    }

    void noDigestLeadsOutOfTheFolder_data() {
        QTest::addColumn<QString>("digest");
        for (const char* text : {"", "sha256:", "../../../etc/passwd", "sha256:../../../../../../../../etc/passwd",
                                 "md5:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                                 "sha256:2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
                                 "sha256:2c/24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                                 "sha256:..f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                                 "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b98240"})
            QTest::addRow("%.40s", text) << QString::fromLatin1(text);
    }
    void noDigestLeadsOutOfTheFolder() {
        QFETCH(QString, digest);
        PH_FAILS(artifacts::get(*m_workspace, digest.toStdString()), ErrorKind::InvalidInput,
                 "not an artifact's digest");
    }

    void absentAndDamaged() {
        const std::string digest = *put(bytes("hello"));
        QVERIFY(test::writeBytes(pathOfHello(), "hellO"));
        PH_FAILS(artifacts::get(*m_workspace, digest), ErrorKind::Corrupt, "do not match its digest");
        auto problems = m_workspace->verify({}, {});
        PH_VERIFY(problems);
        QCOMPARE(problems->size(), 1U);
        QCOMPARE(problems->front().where, pathOfHello());

        QVERIFY(QFile::remove(QString::fromStdString(pathOfHello())));
        PH_FAILS(artifacts::get(*m_workspace, digest), ErrorKind::NotFound, "is missing");
        QCOMPARE(m_workspace->verify({}, {})->size(), 1U);

        PH_VERIFY(put(bytes("hello")));  // the same bytes again heal it
        PH_VERIFY(artifacts::get(*m_workspace, digest));
        QVERIFY(test::writeBytes(pathOfHello(), "hel"));
        PH_VERIFY(put(bytes("hello")));
        QCOMPARE(m_workspace->verify({}, {})->size(), 0U);
    }

    void verifyFindsAReferenceToNothing() {
        PH_VERIFY(m_workspace
                      ->write([](Database& d) {
                          ports::ModelVersion version;
                          version.model = "delay";
                          version.version = "v1";
                          version.task = "binary";
                          version.profileDigest = std::string("sha256:") + kHello;
                          return registry::addVersion(d, version);
                      })
                      .result());
        const auto problems = m_workspace->verify({}, {});
        PH_VERIFY(problems);
        QCOMPARE(problems->size(), 1U);
        QCOMPARE(problems->front().where, std::string("version v1 of model delay"));
    }

    void aFolderThatCannotBeMade() {
        QVERIFY(test::writeBytes(m_workspace->artifactFolder(), "in the way"));
        const auto refused = put(bytes("hello"));
        QVERIFY(!refused);
        QVERIFY(refused.error().text().find(m_workspace->artifactFolder()) != std::string::npos);
        // Rolled back: the workspace does not claim to have it.
        QVERIFY(test::exists(m_folder->file()));
        QCOMPARE(*(*m_workspace->connect())->integer("SELECT count(*) FROM artifact"), std::optional<std::int64_t>(0));
    }

    void durableWritesLeaveNothingBehind() {
        const std::string path = m_folder->file("x");
        PH_VERIFY(files::writeDurably(path, bytes("one")));
        PH_VERIFY(files::writeDurably(path, bytes("two")));
        QCOMPARE(test::bytesOf(path), QByteArray("two"));
        QVERIFY(QDir().mkdir(QString::fromStdString(m_folder->file("folder"))));
        const auto refused = files::writeDurably(m_folder->file("folder"), bytes("x"));
        QVERIFY(!refused);
        QCOMPARE(refused.error().source, m_folder->file("folder"));
        QCOMPARE(QDir(QString::fromStdString(m_folder->path())).entryList({QStringLiteral("*.part")}).size(), 0);
        PH_FAILS(files::renameDurably(path, m_folder->file(), false), ErrorKind::AlreadyExists, "exists already");
    }
};

QTEST_GUILESS_MAIN(TestArtifacts)
#include "tst_artifacts.moc"
