// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/predictions/query_plan.h"

namespace pilothouse::predictions {

/// The requests that two versions of one model scored into different classes. Requests are known by 64 bits of a hash
/// over model and request id: among ten million of them, one in about 200,000 such answers holds one wrongly.
class Disagreement {
public:
    /// Scored rows of one version that are kept while the two are compared (8 bytes each).
    static constexpr std::size_t kMaxRows = 32'000'000;
    /// The threshold of a model's version.
    using ThresholdOf = std::function<double(const std::string& model, const std::string& version)>;

    /// Passes once over the whole log. ResourceExhausted beyond kMaxRows.
    [[nodiscard]] static Result<std::shared_ptr<const Disagreement>> find(LogReader& reader, const std::string& first,
                                                                          const std::string& second,
                                                                          const ThresholdOf& thresholdOf,
                                                                          const CancellationToken& token);
    /// Sets the rows of both versions whose request is among them. The mask comes all zero.
    [[nodiscard]] Status select(BlockView& view, Mask& mask) const;
    [[nodiscard]] std::size_t requests() const { return m_requests.size(); }

private:
    /// Rows of the block by version (0: first, 1: second), those without model, version or id left out.
    template <class Use>
    [[nodiscard]] Status eachRow(BlockView& view, Use&& use) const;

    std::string m_first, m_second;
    std::vector<std::uint64_t> m_requests;  ///< ascending
};

}  // namespace pilothouse::predictions
