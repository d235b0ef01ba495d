// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/mlflow/mlflow_error.h"
#include "models/connect/mlflow/mlflow_json.h"
#include "models/connect/mlflow/mlmodel.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;

namespace {

template <class T>
bool sound(const Result<T>& read) {
    return read.has_value() || !read.error().message.empty();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace mlflow = connect::mlflow;
    const std::string_view text = fuzz::textOf(data, size);
    FUZZ_REQUIRE(sound(mlflow::parseModels(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseModel(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseVersions(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseExperiments(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseRuns(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseRun(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseHistory(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseBulkHistory(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseArtifacts(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseVersion(text, "input")));
    FUZZ_REQUIRE(sound(mlflow::parseMlModel(text, "input")));
    const QByteArray body(text.data(), static_cast<qsizetype>(text.size()));
    FUZZ_REQUIRE(!mlflow::parseError({400, "", body, ""}, "input").message.empty());
    FUZZ_REQUIRE(!mlflow::parseError({403, "", body, body}, "input").message.empty());
    // Versions are in an order.
    const std::string_view half = text.substr(0, size / 2), rest = text.substr(size / 2);
    FUZZ_REQUIRE(!(mlflow::newerVersion(half, rest) && mlflow::newerVersion(rest, half)));
    return 0;
}
