// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QTemporaryDir>

#include "models/workspace/registry_store.h"
#include "tests/contract/model_registry_contract.h"

using namespace pilothouse;
using namespace pilothouse::workspace;

namespace {

class EmbeddedUnderTest final : public contract::RegistryUnderTest {
public:
    EmbeddedUnderTest()
        : m_workspace(*Workspace::create(m_folder.filePath(QStringLiteral("w.pilothouse")).toStdString(),
                                         ClockKind::Simulated, "UTC")),
          m_registry(m_workspace) {}

    ports::ModelRegistry& registry() override { return m_registry; }
    Status addVersion(const ports::ModelVersion& version) override {
        return m_workspace->write([&](Database& d) { return registry::addVersion(d, version); }).result();
    }
    Result<std::string> addArtifact(const QByteArray& bytes) override {
        const std::span content(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                static_cast<std::size_t>(bytes.size()));
        return m_workspace
            ->write([&](Database& d) {
                return artifacts::put(*m_workspace, d, content, "application/octet-stream", m_workspace->now());
            })
            .result();
    }
    Timestamp tick() override {
        m_workspace->setSimulatedNow(m_workspace->now() + std::chrono::seconds(1));
        return m_workspace->now();
    }

private:
    QTemporaryDir m_folder;
    std::shared_ptr<Workspace> m_workspace;
    EmbeddedModelRegistry m_registry;
};

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    contract::ModelRegistryContract contract([] { return std::make_unique<EmbeddedUnderTest>(); });
    return QTest::qExec(&contract, argc, argv);
}
