// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/trees/model_artifact.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <limits>

namespace pilothouse::trees {

namespace {

constexpr std::string_view kMagic = "PHMODEL1";
constexpr std::size_t kMaximumFeatures = 4'096;
constexpr std::size_t kMaximumCategories = 65'536;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

template <class T>
void append(std::vector<std::uint8_t>& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

template <class T>
bool take(std::span<const std::uint8_t>& in, T& value) {
    if (in.size() < sizeof(T)) return false;
    value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value |= static_cast<T>(in[i]) << (8 * i);
    in = in.subspan(sizeof(T));
    return true;
}

Error corrupt(const std::string& why) {
    return {ErrorKind::Corrupt, "the model artifact cannot be read: " + why, {}, {}, false};
}

Result<FeatureEncoding> featureFrom(const QJsonObject& object) {
    FeatureEncoding feature;
    feature.name = object.value(QStringLiteral("name")).toString().toStdString();
    const QString kind = object.value(QStringLiteral("kind")).toString();
    if (feature.name.empty()) return fail(corrupt("a feature has no name"));
    if (kind == u"number") return feature;
    if (kind != u"category") return fail(corrupt("feature " + feature.name + " is of an unknown kind"));
    feature.type = ports::ColumnType::Text;
    const QJsonArray categories = object.value(QStringLiteral("categories")).toArray();
    if (static_cast<std::size_t>(categories.size()) > kMaximumCategories)
        return fail(corrupt("feature " + feature.name + " has too many categories"));
    for (const QJsonValue& value : categories)
        feature.categories.push_back(value.toString().toStdString());
    if (!std::is_sorted(feature.categories.begin(), feature.categories.end()))
        return fail(corrupt("the categories of " + feature.name + " are not in order"));
    return feature;
}

}  // namespace

std::vector<std::uint8_t> encodeModel(const ModelArtifact& model) {
    QJsonArray features;
    for (const FeatureEncoding& feature : model.features) {
        QJsonObject object{{QStringLiteral("name"), QString::fromStdString(feature.name)}};
        if (feature.type == ports::ColumnType::Text) {
            QJsonArray categories;
            for (const std::string& category : feature.categories)
                categories.append(QString::fromStdString(category));
            object.insert(QStringLiteral("kind"), QStringLiteral("category"));
            object.insert(QStringLiteral("categories"), categories);
        } else {
            object.insert(QStringLiteral("kind"), QStringLiteral("number"));
        }
        features.append(object);
    }
    const QByteArray head = QJsonDocument(QJsonObject{{QStringLiteral("format"), ModelArtifact::kFormat},
                                                      {QStringLiteral("engine"), QStringLiteral("xgboost")},
                                                      {QStringLiteral("features"), features}})
                                .toJson(QJsonDocument::Compact);
    std::vector<std::uint8_t> out(kMagic.begin(), kMagic.end());
    append(out, static_cast<std::uint32_t>(head.size()));
    out.insert(out.end(), head.begin(), head.end());
    append(out, static_cast<std::uint64_t>(model.booster.size()));
    out.insert(out.end(), model.booster.begin(), model.booster.end());
    return out;
}

Result<ModelArtifact> decodeModel(std::span<const std::uint8_t> blob) {
    if (blob.size() < kMagic.size() || !std::equal(kMagic.begin(), kMagic.end(), blob.begin()))
        return fail(corrupt("it does not begin as one"));
    blob = blob.subspan(kMagic.size());
    std::uint32_t headSize = 0;
    if (!take(blob, headSize) || headSize > blob.size()) return fail(corrupt("it ends within its head"));
    QJsonParseError problem;
    const QJsonObject head =
        QJsonDocument::fromJson(QByteArray::fromRawData(reinterpret_cast<const char*>(blob.data()), headSize), &problem)
            .object();
    if (problem.error != QJsonParseError::NoError) return fail(corrupt("its head is not JSON"));
    blob = blob.subspan(headSize);
    if (const int format = head.value(QStringLiteral("format")).toInt(); format != ModelArtifact::kFormat)
        return fail(ErrorKind::Unsupported, "the model artifact has format " + std::to_string(format) +
                                                "; this program reads " + std::to_string(ModelArtifact::kFormat));
    if (head.value(QStringLiteral("engine")).toString() != u"xgboost")
        return fail(ErrorKind::Unsupported, "the model artifact was made by another engine than XGBoost");
    ModelArtifact model;
    const QJsonArray features = head.value(QStringLiteral("features")).toArray();
    if (features.isEmpty() || static_cast<std::size_t>(features.size()) > kMaximumFeatures)
        return fail(corrupt("it names " + std::to_string(features.size()) + " features"));
    for (const QJsonValue& value : features) {
        PH_ASSIGN(FeatureEncoding feature, featureFrom(value.toObject()));
        model.features.push_back(std::move(feature));
    }
    std::uint64_t size = 0;
    if (!take(blob, size) || size != blob.size()) return fail(corrupt("its size is not the one that it names"));
    model.booster.assign(blob.begin(), blob.end());
    return model;
}

Result<FeatureMatrix> FeatureMatrix::bind(const std::vector<FeatureEncoding>& features, const ports::RowSet& rows) {
    FeatureMatrix out;
    for (const FeatureEncoding& feature : features) {
        Bound bound;
        bound.column = rows.find(feature.name);
        if (bound.column && bound.column->type != feature.type)
            return fail(Error::invalid("feature " + feature.name + " is " +
                                       (feature.type == ports::ColumnType::Text ? "text" : "a number") +
                                       " to the model, but not in the rows"));
        if (bound.column && feature.type == ports::ColumnType::Text) {
            for (const std::string& text : bound.column->dictionary) {
                const auto it = std::lower_bound(feature.categories.begin(), feature.categories.end(), text);
                bound.codes.push_back(it != feature.categories.end() && *it == text
                                          ? static_cast<float>(it - feature.categories.begin())
                                          : kMissing);
            }
        }
        out.m_columns.push_back(std::move(bound));
    }
    return out;
}

void FeatureMatrix::row(std::size_t index, float* out) const {
    for (const Bound& bound : m_columns) {
        if (!bound.column) {
            *out++ = kMissing;
        } else if (bound.column->type == ports::ColumnType::Number) {
            *out++ = static_cast<float>(bound.column->numbers[index]);
        } else {
            const std::uint32_t code = bound.column->codes[index];
            *out++ = code == ports::Column::kMissingCode ? kMissing : bound.codes[code];
        }
    }
}

std::vector<float> FeatureMatrix::dense(std::span<const std::size_t> indices) const {
    std::vector<float> out(indices.size() * width());
    for (std::size_t i = 0; i < indices.size(); ++i)
        row(indices[i], out.data() + i * width());
    return out;
}

}  // namespace pilothouse::trees
