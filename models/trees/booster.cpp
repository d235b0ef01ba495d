// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/trees/booster.h"

#include <xgboost/c_api.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "models/base/vector_state.h"

namespace pilothouse::trees {

namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

Status call(int code, const char* doing) {
    if (code == 0) return {};
    // The first line says what; the stack trace below it is of no use to anybody here.
    std::string text = XGBGetLastError();
    text = text.substr(0, text.find("\nStack trace"));
    return fail(ErrorKind::Internal, std::string("XGBoost: ") + doing, {}, text);
}

struct FreeMatrix {
    void operator()(void* handle) const { XGDMatrixFree(handle); }
};
using Matrix = std::unique_ptr<void, FreeMatrix>;

Result<Matrix> matrixOf(std::span<const float> dense, const std::vector<FeatureEncoding>& features) {
    DMatrixHandle handle = nullptr;
    const std::size_t width = features.size();
    PH_TRY(call(XGDMatrixCreateFromMat_omp(dense.data(), dense.size() / width, width, kMissing, &handle, 1),
                "reading the rows"));
    Matrix matrix(handle);
    std::vector<const char*> types;
    for (const FeatureEncoding& f : features)
        types.push_back(f.type == ports::ColumnType::Text ? "c" : "q");
    PH_TRY(call(XGDMatrixSetStrFeatureInfo(handle, "feature_type", types.data(), types.size()), "naming the features"));
    return matrix;
}

std::string text(double value) {
    char buffer[32];
    const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, value);
    return {buffer, end};
}

}  // namespace

struct Booster::Private {
    BoosterHandle handle = nullptr;
    std::size_t width = 0;
    ~Private() {
        if (handle) XGBoosterFree(handle);
    }
    Status set(const char* name, const std::string& value) {
        return call(XGBoosterSetParam(handle, name, value.c_str()), name);
    }
};

Booster::Booster(std::unique_ptr<Private> p) : d(std::move(p)) {}
Booster::~Booster() = default;

Result<std::unique_ptr<Booster>> Booster::train(std::span<const float> dense, std::span<const float> labels,
                                                const std::vector<FeatureEncoding>& features,
                                                const BoosterOptions& options, int lossEvery,
                                                const std::function<Status(int, double)>& round) {
    PH_ASSIGN(const Matrix matrix, matrixOf(dense, features));
    PH_TRY(call(XGDMatrixSetFloatInfo(matrix.get(), "label", labels.data(), labels.size()), "reading the outcomes"));
    auto d = std::make_unique<Private>();
    d->width = features.size();
    DMatrixHandle handle = matrix.get();
    PH_TRY(call(XGBoosterCreate(&handle, 1, &d->handle), "making a booster"));
    PH_TRY(d->set("verbosity", "0"));
    PH_TRY(d->set("nthread", "1"));
    PH_TRY(d->set("seed", std::to_string(options.seed)));
    const bool logistic = options.objective == Objective::Logistic;
    PH_TRY(d->set("objective", logistic ? "binary:logistic" : "reg:squarederror"));
    PH_TRY(d->set("eval_metric", logistic ? "logloss" : "rmse"));
    PH_TRY(d->set("tree_method", "hist"));
    PH_TRY(d->set("max_depth", std::to_string(options.maxDepth)));
    PH_TRY(d->set("eta", text(options.eta)));
    PH_TRY(d->set("subsample", text(options.subsample)));
    PH_TRY(d->set("colsample_bytree", text(options.columnSample)));
    PH_TRY(d->set("min_child_weight", text(options.minimumChildWeight)));
    PH_TRY(d->set("lambda", text(options.lambda)));
    for (int i = 0; i < options.rounds; ++i) {
        clearVectorState();
        PH_TRY(call(XGBoosterUpdateOneIter(d->handle, i, handle), "training"));
        double loss = std::numeric_limits<double>::quiet_NaN();
        if (lossEvery > 0 && ((i + 1) % lossEvery == 0 || i + 1 == options.rounds)) {
            const char* names[] = {"train"};
            const char* answer = nullptr;  // "[19]\ttrain-logloss:0.4891"
            PH_TRY(call(XGBoosterEvalOneIter(d->handle, i, &handle, names, 1, &answer), "measuring the loss"));
            const std::string said = answer ? answer : "";
            if (const auto colon = said.rfind(':'); colon != std::string::npos)
                std::from_chars(said.data() + colon + 1, said.data() + said.size(), loss);
        }
        if (round) PH_TRY(round(i + 1, loss));
    }
    return std::unique_ptr<Booster>(new Booster(std::move(d)));
}

Result<std::unique_ptr<Booster>> Booster::load(std::span<const std::uint8_t> bytes, std::size_t features) {
    auto d = std::make_unique<Private>();
    d->width = features;
    PH_TRY(call(XGBoosterCreate(nullptr, 0, &d->handle), "making a booster"));
    PH_TRY(d->set("verbosity", "0"));
    PH_TRY(d->set("nthread", "1"));
    PH_TRY(call(XGBoosterLoadModelFromBuffer(d->handle, bytes.data(), bytes.size()), "reading the model"));
    bst_ulong width = 0;
    PH_TRY(call(XGBoosterGetNumFeature(d->handle, &width), "reading the model"));
    if (width != features)
        return fail(ErrorKind::Corrupt,
                    "the model has " + std::to_string(width) + " features, its head names " + std::to_string(features));
    return std::unique_ptr<Booster>(new Booster(std::move(d)));
}

Result<std::vector<std::uint8_t>> Booster::save() const {
    bst_ulong size = 0;
    const char* bytes = nullptr;
    PH_TRY(call(XGBoosterSaveModelToBuffer(d->handle, R"({"format":"ubj"})", &size, &bytes), "writing the model"));
    return std::vector<std::uint8_t>(bytes, bytes + size);
}

/// In place: no matrix object a request, which halves the time of a single row.
Status Booster::predict(std::span<const float> dense, std::span<double> out) {
    if (out.empty()) return {};
    clearVectorState();
    char array[160];
    std::snprintf(array, sizeof array, R"({"data":[%llu,true],"shape":[%zu,%zu],"typestr":"<f4","version":3})",
                  static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(dense.data())), out.size(),
                  d->width);
    static constexpr const char* kConfig =
        R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"cache_id":0,"missing":NaN})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* result = nullptr;
    PH_TRY(
        call(XGBoosterPredictFromDense(d->handle, array, kConfig, nullptr, &shape, &dimensions, &result), "scoring"));
    if (dimensions != 1 || shape[0] != out.size())
        return fail(Error::internal("XGBoost: scoring gave an unknown shape"));
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<double>(result[i]);
    return {};
}

Result<std::vector<double>> Booster::contributions(std::span<const float> row,
                                                   const std::vector<FeatureEncoding>& features) {
    PH_ASSIGN(const Matrix matrix, matrixOf(row, features));
    static constexpr const char* kConfig =
        R"({"type":2,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* result = nullptr;
    PH_TRY(call(XGBoosterPredictFromDMatrix(d->handle, matrix.get(), kConfig, &shape, &dimensions, &result),
                "explaining"));
    if (dimensions != 2 || shape[1] != d->width + 1)
        return fail(Error::internal("XGBoost: explaining gave an unknown shape"));
    return std::vector<double>(result, result + d->width + 1);
}

Result<std::vector<double>> Booster::gains() const {
    bst_ulong count = 0, dimensions = 0;
    const char** names = nullptr;  // "f0", "f7": the features that a split used
    const bst_ulong* shape = nullptr;
    const float* scores = nullptr;
    PH_TRY(call(XGBoosterFeatureScore(d->handle, R"({"importance_type":"total_gain"})", &count, &names, &dimensions,
                                      &shape, &scores),
                "weighing the features"));
    std::vector<double> out(d->width, 0);
    double sum = 0;
    for (bst_ulong i = 0; i < count; ++i) {
        const std::string_view name = names[i];
        std::size_t feature = d->width;
        std::from_chars(name.data() + 1, name.data() + name.size(), feature);
        if (feature >= d->width) return fail(Error::internal("XGBoost: an unknown feature has a gain"));
        out[feature] = static_cast<double>(scores[i]);
        sum += out[feature];
    }
    for (double& share : out)
        share = sum > 0 ? share / sum : 0;
    return out;
}

}  // namespace pilothouse::trees
