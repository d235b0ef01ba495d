// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCryptographicHash>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "models/workspace/files.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::workspace {

namespace {

constexpr std::string_view kPrefix = "sha256:";
constexpr std::size_t kHexDigits = 64;
constexpr std::uintmax_t kMaxBytes = std::uintmax_t{4} << 30;

/// Only 64 lower-case hex digits become a path, so that no digest leads out of the folder.
Result<std::string> pathOf(const Workspace& workspace, const std::string& digest) {
    const std::string_view hex = std::string_view(digest).substr(std::min(kPrefix.size(), digest.size()));
    const bool valid =
        digest.starts_with(kPrefix) && hex.size() == kHexDigits &&
        std::all_of(hex.begin(), hex.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (!valid)
        return fail(Error::invalid("not an artifact's digest: \"" + digest.substr(0, 100) + "\"", workspace.path()));
    return workspace.artifactFolder() + "/" + std::string(hex.substr(0, 2)) + "/" + std::string(hex.substr(2));
}

Result<std::vector<std::uint8_t>> readFile(const std::string& path, const std::string& digest) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error == std::errc::no_such_file_or_directory)
        return fail(ErrorKind::NotFound, "artifact " + digest + " is missing", path);
    if (error) return fail(ErrorKind::Unavailable, "artifact " + digest + " cannot be read", path, error.message());
    if (size > kMaxBytes)
        return fail(ErrorKind::ResourceExhausted, "artifact " + digest + " is larger than 4 GiB", path);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
        return fail(ErrorKind::Unavailable, "artifact " + digest + " cannot be read", path);
    return bytes;
}

Result<std::vector<std::uint8_t>> readChecked(const std::string& path, const std::string& digest) {
    PH_ASSIGN(auto bytes, readFile(path, digest));
    if (artifacts::digestOf(bytes) != digest)
        return fail(ErrorKind::Corrupt, "artifact " + digest + " is damaged: its bytes do not match its digest", path);
    return bytes;
}

}  // namespace

namespace artifacts {

std::string digestOf(std::span<const std::uint8_t> bytes) {
    QCryptographicHash hash(QCryptographicHash::Sha256);
    constexpr std::size_t kPart = std::size_t{1} << 30;  // addData() takes the size as qsizetype, but hashes by int
    for (std::size_t at = 0; at < bytes.size(); at += kPart) {
        const auto part = bytes.subspan(at, std::min(kPart, bytes.size() - at));
        hash.addData(QByteArrayView(reinterpret_cast<const char*>(part.data()), static_cast<qsizetype>(part.size())));
    }
    return std::string(kPrefix) + hash.result().toHex().toStdString();
}

Result<std::string> put(const Workspace& workspace, Database& database, std::span<const std::uint8_t> bytes,
                        const std::string& mediaType, Timestamp now) {
    if (bytes.size() > kMaxBytes)
        return fail(ErrorKind::ResourceExhausted, "an artifact larger than 4 GiB cannot be stored", workspace.path());
    std::string digest = digestOf(bytes);
    PH_ASSIGN(const std::string path, pathOf(workspace, digest));
    if (!readChecked(path, digest)) {
        PH_TRY(files::makeFolders(files::folderOf(path)));
        PH_TRY(files::writeDurably(path, bytes));
    }
    PH_TRY(
        database.run("INSERT INTO artifact (digest, bytes, media_type, created) VALUES (?, ?, ?, ?)"
                     " ON CONFLICT (digest) DO NOTHING",
                     digest, static_cast<std::int64_t>(bytes.size()), mediaType, now));
    return digest;
}

Result<std::vector<std::uint8_t>> get(const Workspace& workspace, const std::string& digest) {
    PH_ASSIGN(const std::string path, pathOf(workspace, digest));
    return readChecked(path, digest);
}

}  // namespace artifacts

Result<std::vector<Problem>> checkArtifacts(const Workspace& workspace, Database& database,
                                            const CancellationToken& token) {
    std::vector<Problem> problems;
    PH_ASSIGN(auto rows, database.prepare("SELECT digest FROM artifact ORDER BY digest"));
    for (;;) {
        PH_TRY(token.check());
        PH_ASSIGN(const bool more, rows.step());
        if (!more) break;
        const auto bytes = artifacts::get(workspace, rows.text(0));
        if (!bytes) problems.push_back({bytes.error().message, bytes.error().source});
    }
    PH_ASSIGN(auto dangling,
              database.prepare("SELECT m.name, v.version, d.digest FROM model_version v JOIN model m ON m.id = v.model"
                               " JOIN (SELECT id, artifact AS digest FROM model_version UNION ALL"
                               "       SELECT id, profile FROM model_version) d ON d.id = v.id"
                               " WHERE d.digest LIKE 'sha256:%' AND d.digest NOT IN (SELECT digest FROM artifact)"));
    for (;;) {
        PH_ASSIGN(const bool more, dangling.step());
        if (!more) return problems;
        problems.push_back({"refers to artifact " + dangling.text(2) + ", which is not in the workspace",
                            "version " + dangling.text(1) + " of model " + dangling.text(0)});
    }
}

}  // namespace pilothouse::workspace
