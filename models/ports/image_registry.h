// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFuture>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/base/timestamp.h"

namespace pilothouse::ports {

/// "linux/arm64/v8".
struct Platform {
    std::string os, architecture, variant;
    [[nodiscard]] std::string text() const { return os + "/" + architecture + (variant.empty() ? "" : "/" + variant); }
    bool operator==(const Platform&) const = default;
};

/// What points to bytes by what they are. (https://github.com/opencontainers/image-spec/blob/main/descriptor.md)
struct Descriptor {
    std::string mediaType;
    std::string digest;  ///< "sha256:" and 64 hex digits
    std::uint64_t bytes = 0;
    std::optional<Platform> platform;  ///< of an index's entries
    std::string artifactType;          ///< of referrers
    std::map<std::string, std::string> annotations;
};

/// A layer and the build step that made it.
struct ImageLayer {
    Descriptor blob;
    std::string step;  ///< the history's created_by; empty: none is told
    std::optional<Timestamp> created;
};
/// A build step that made no layer, such as ENV.
struct ImageStep {
    std::string step;
    std::optional<Timestamp> created;
    std::optional<std::size_t> layer;  ///< index of the layer that it made
};

/// One platform's image.
struct Image {
    Descriptor manifest;
    Descriptor config;
    Platform platform;
    std::optional<Timestamp> created;
    std::vector<ImageLayer> layers;  ///< lowest first
    std::vector<ImageStep> history;  ///< oldest first
    std::map<std::string, std::string> labels, annotations;
    std::vector<std::string> environment, command;
    [[nodiscard]] std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const ImageLayer& l : layers)
            sum += l.blob.bytes;
        return sum;
    }
};

/// What a reference leads to: an index with its platforms, or one image.
struct Manifest {
    Descriptor self;
    bool index = false;
    std::vector<Descriptor> manifests;  ///< of an index
    std::optional<Descriptor> config;   ///< of an image
    std::vector<Descriptor> layers;
    std::optional<Descriptor> subject;  ///< what this refers to, as signatures and SBOMs do
    std::string artifactType;
    std::map<std::string, std::string> annotations;
};

/// Container images. The embedded default is an OCI image layout on disk. References are tags or digests. Thread: any.
class ImageRegistry {
public:
    virtual ~ImageRegistry() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// By name.
    virtual QFuture<Result<std::vector<std::string>>> repositories(CancellationToken token) = 0;
    /// Newest version first: v1.10 before v1.2.
    virtual QFuture<Result<std::vector<std::string>>> tags(std::string repository, CancellationToken token) = 0;
    virtual QFuture<Result<Manifest>> manifest(std::string repository, std::string reference,
                                               CancellationToken token) = 0;
    /// The image of a reference, with its configuration; of an index that of `platform`, or else its only one, or
    /// linux/amd64. NotFound where the index has no such platform.
    virtual QFuture<Result<Image>> image(std::string repository, std::string reference,
                                         std::optional<Platform> platform, CancellationToken token) = 0;
    /// Signatures, SBOMs and what else refers to a digest.
    virtual QFuture<Result<std::vector<Descriptor>>> referrers(std::string repository, std::string digest,
                                                               CancellationToken token) = 0;
    /// Bytes whose digest was checked; ResourceExhausted where they are more than 64 MB.
    virtual QFuture<Result<QByteArray>> blob(std::string repository, Descriptor blob, CancellationToken token) = 0;
    /// A version text when it answers; used by "connect test".
    virtual QFuture<Result<std::string>> check(CancellationToken token) = 0;
};

}  // namespace pilothouse::ports
