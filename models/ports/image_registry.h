// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"

namespace pilothouse::ports {

struct ImageTag {
    std::string repository, tag, digest, mediaType;
    std::uint64_t bytes = 0;
};

/// Container images. The embedded default is an OCI image layout on disk. Thread: any.
class ImageRegistry {
public:
    virtual ~ImageRegistry() = default;
    virtual QFuture<Result<std::vector<std::string>>> repositories(CancellationToken token) = 0;
    virtual QFuture<Result<std::vector<ImageTag>>> tags(std::string repository, CancellationToken token) = 0;
    virtual QFuture<Result<QByteArray>> manifest(std::string repository, std::string reference,
                                                 CancellationToken token) = 0;
};

}  // namespace pilothouse::ports
