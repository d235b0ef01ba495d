// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/disagreement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace pilothouse::predictions {

using ports::ColumnType;

namespace {

/// Of one request within one model; the lowest bit is kept free for the class.
std::uint64_t keyOf(std::uint64_t model, std::string_view requestId) {
    return (requestHash(requestId) * 0x9E3779B97F4A7C15ULL ^ model) & ~std::uint64_t{1};
}

Status tooMany() {
    return fail(ErrorKind::ResourceExhausted,
                "a version has scored more than 32,000,000 rows, which is more than two versions can be compared over");
}

/// Keys that both hold with different classes. Should a hash stand for two requests of one version, with both classes,
/// it disagrees with either.
std::vector<std::uint64_t> differing(std::vector<std::uint64_t> a, std::vector<std::uint64_t> b) {
    for (auto* keys : {&a, &b}) {
        std::ranges::sort(*keys);
        keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
    }
    // Of one request, bits of the classes that are there: 1 negative, 2 positive.
    const auto take = [](const std::vector<std::uint64_t>& keys, std::size_t& i) {
        const std::uint64_t key = keys[i] & ~std::uint64_t{1};
        unsigned classes = 0;
        for (; i < keys.size() && (keys[i] & ~std::uint64_t{1}) == key; ++i)
            classes |= (keys[i] & 1) ? 2u : 1u;
        return classes;
    };
    std::vector<std::uint64_t> result;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        const std::uint64_t x = a[i] & ~std::uint64_t{1}, y = b[j] & ~std::uint64_t{1};
        if (x < y) {
            take(a, i);
        } else if (y < x) {
            take(b, j);
        } else {
            const unsigned first = take(a, i), second = take(b, j);
            if (first != second || first == 3u) result.push_back(x);
        }
    }
    return result;
}

}  // namespace

template <class Use>
Status Disagreement::eachRow(BlockView& view, Use&& use) const {
    PH_ASSIGN(const ColumnBlock* versions, view.field(std::string(ports::field::version), ColumnType::Text));
    if (!versions) return {};
    std::vector<std::int8_t> side(versions->pool.size(), -1);
    bool any = false;
    for (std::size_t code = 0; code < side.size(); ++code) {
        const std::string_view name = versions->pool.at(code);
        side[code] = name == m_first ? std::int8_t{0} : name == m_second ? std::int8_t{1} : std::int8_t{-1};
        any |= side[code] >= 0;
    }
    if (!any) return {};  // most blocks of a log with many versions end here, before an id is decoded
    PH_ASSIGN(const ColumnBlock* models, view.field(std::string(ports::field::model), ColumnType::Text));
    PH_ASSIGN(const ColumnBlock* ids, view.field(std::string(ports::field::requestId), ColumnType::Text));
    if (!models || !ids) return {};
    std::vector<std::optional<std::uint64_t>> hashes(models->pool.size());
    for (std::size_t i = 0; i < view.rows(); ++i) {
        if (versions->missing(i) || side[versions->codes[i]] < 0 || models->missing(i) || ids->missing(i)) continue;
        auto& hash = hashes[models->codes[i]];
        if (!hash) hash = requestHash(models->text(i));
        use(i, side[versions->codes[i]], models->text(i), keyOf(*hash, ids->text(i)));
    }
    return {};
}

Result<std::shared_ptr<const Disagreement>> Disagreement::find(LogReader& reader, const std::string& first,
                                                               const std::string& second,
                                                               const ThresholdOf& thresholdOf,
                                                               const CancellationToken& token) {
    auto result = std::make_shared<Disagreement>();
    result->m_first = first;
    result->m_second = second;
    const std::array<const std::string*, 2> names{&first, &second};
    std::array<std::vector<std::uint64_t>, 2> keys;
    std::array<std::map<std::string, double, std::less<>>, 2> thresholds;
    for (const Part& part : reader.parts()) {
        for (std::size_t b = 0; b < part.blocks(); ++b) {
            PH_TRY(token.check());
            BlockView view(reader, part, b, kTimestampMax);
            const ColumnBlock* scores = nullptr;
            Status scored;
            PH_TRY(result->eachRow(view, [&](std::size_t row, int side, std::string_view model, std::uint64_t key) {
                if (!scores && scored) {
                    auto got = view.field(std::string(ports::field::score), ColumnType::Number);
                    if (got)
                        scores = *got;
                    else
                        scored = fail(std::move(got.error()));
                }
                if (!scores || std::isnan(scores->numbers[row])) return;
                auto& known = thresholds[static_cast<std::size_t>(side)];
                auto place = known.find(model);
                if (place == known.end())
                    place =
                        known.emplace(model, thresholdOf(std::string(model), *names[static_cast<std::size_t>(side)]))
                            .first;
                keys[static_cast<std::size_t>(side)].push_back(key | (scores->numbers[row] >= place->second ? 1u : 0u));
            }));
            PH_TRY(scored);
            if (keys[0].size() > kMaxRows || keys[1].size() > kMaxRows) PH_TRY(tooMany());
        }
    }
    result->m_requests = differing(std::move(keys[0]), std::move(keys[1]));
    return result;
}

Status Disagreement::select(BlockView& view, Mask& mask) const {
    if (m_requests.empty()) return {};
    return eachRow(view, [&](std::size_t row, int, std::string_view, std::uint64_t key) {
        mask[row] = static_cast<std::uint8_t>(std::ranges::binary_search(m_requests, key));
    });
}

}  // namespace pilothouse::predictions
