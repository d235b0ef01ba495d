// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/reconstruction.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>

#include "models/statistics/intervals.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

constexpr std::size_t kMostColumns = 2000, kBlockRows = 1024, kDefaultChunks = 10, kMostCategories = 10'000'000;

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Result<std::size_t> rowsOf(const Columns& columns) {
    if (columns.empty() || columns.size() > kMostColumns)
        return fail(Error::invalid("a reconstruction takes 1 to 2,000 columns"));
    for (const auto& c : columns)
        if (c.size() != columns.front().size()) return fail(Error::invalid("the columns differ in length"));
    if (columns.front().empty()) return fail(Error::invalid("there are no rows"));
    return columns.front().size();
}

struct Moments {
    double mean = 0, scale = 1;
    bool any = false;
};

/// Of the finite values, the rest standing at their mean. scikit-learn's StandardScaler: a constant column keeps its
/// unit.
Moments momentsOf(std::span<const double> values) {
    double n = 0, sum = 0;
    for (const double x : values)
        if (std::isfinite(x)) {
            sum += x;
            n += 1;
        }
    if (n == 0) return {};
    Moments out{sum / n, 1, true};
    double squares = 0;
    for (const double x : values)
        if (std::isfinite(x)) squares += (x - out.mean) * (x - out.mean);
    const double deviation = std::sqrt(squares / static_cast<double>(values.size()));
    // Rounding of the mean leaves a little spread on a constant column.
    if (deviation > 1e-14 * std::abs(out.mean)) out.scale = deviation;
    return out;
}

/// Rows [from, from + count) of the used columns, scaled.
Matrix blockOf(const Columns& columns, const std::vector<std::size_t>& used, const std::vector<double>& means,
               const std::vector<double>& scales, std::size_t from, std::size_t count) {
    Matrix block(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(used.size()));
    for (std::size_t c = 0; c < used.size(); ++c)
        for (std::size_t i = 0; i < count; ++i) {
            const double x = columns[used[c]][from + i];
            block(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(c)) =
                std::isfinite(x) ? (x - means[c]) / scales[c] : 0;
        }
    return block;
}

double meanOf(std::span<const double> values) {
    double sum = 0;
    for (const double x : values)
        sum += x;
    return sum / static_cast<double>(values.size());
}

double squaresOf(std::span<const double> values, double mean) {
    double sum = 0;
    for (const double x : values)
        sum += (x - mean) * (x - mean);
    return sum;
}

}  // namespace

Result<FrequencyEncoding> FrequencyEncoding::fit(std::span<const std::uint32_t> codes, std::size_t categories) {
    FrequencyEncoding out;
    if (categories > kMostCategories)
        return fail(ErrorKind::ResourceExhausted, "the column has more than ten million categories");
    double rows = 0;
    for (const std::uint32_t code : codes) {
        if (code == 0xFFFFFFFFu || code >= categories) continue;
        if (code >= out.m_shares.size()) out.m_shares.resize(code + 1, 0.0);
        ++out.m_shares[code];
        ++rows;
    }
    if (rows == 0) return fail(Error::invalid("the column has no value"));
    // Missing values take the most frequent category's place, as they will in encode().
    const auto most = std::max_element(out.m_shares.begin(), out.m_shares.end());
    *most += static_cast<double>(codes.size()) - rows;
    for (double& share : out.m_shares)
        share /= static_cast<double>(codes.size());
    out.m_largest = *most;
    return out;
}

std::vector<double> FrequencyEncoding::encode(std::span<const std::uint32_t> codes) const {
    std::vector<double> out;
    out.reserve(codes.size());
    for (const std::uint32_t code : codes)
        out.push_back(code == 0xFFFFFFFFu ? m_largest : code < m_shares.size() ? m_shares[code] : 0);
    return out;
}

Result<Reconstruction> Reconstruction::fit(const Columns& reference, const ReconstructionOptions& options) {
    PH_ASSIGN(const std::size_t rows, rowsOf(reference));
    if (!(options.explained > 0 && options.explained < 1) || !(options.deviations > 0))
        return fail(Error::invalid("the explained share lies between 0 and 1, the deviations above 0"));
    const std::size_t chunk = options.chunkRows > 0 ? options.chunkRows : (rows + kDefaultChunks - 1) / kDefaultChunks;
    if (rows < 2 || chunk >= rows) return fail(Error::invalid("the reference has fewer than two chunks of rows"));
    Reconstruction out;
    out.m_columns = reference.size();
    out.m_deviations = options.deviations;
    for (std::size_t c = 0; c < reference.size(); ++c) {
        const Moments m = momentsOf(reference[c]);
        (m.any ? out.m_used : out.m_unusable).push_back(c);
        if (!m.any) continue;
        out.m_means.push_back(m.mean);
        out.m_scales.push_back(m.scale);
        if (!std::isfinite(m.mean) || !std::isfinite(m.scale))
            return fail(Error::invalid("column " + std::to_string(c) + " has values too large to be squared"));
    }
    const auto d = static_cast<Eigen::Index>(out.m_used.size());
    if (d == 0) return fail(Error::invalid("no column has a value"));
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(d, d);
    for (std::size_t from = 0; from < rows; from += kBlockRows) {
        const Matrix block =
            blockOf(reference, out.m_used, out.m_means, out.m_scales, from, std::min(kBlockRows, rows - from));
        covariance.selfadjointView<Eigen::Lower>().rankUpdate(block.transpose());
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
    if (solver.info() != Eigen::Success) return fail(Error::internal("the principal components were not found"));
    const Eigen::VectorXd values = solver.eigenvalues().cwiseMax(0);  // ascending
    const double total = values.sum();
    if (!(total > 0)) return fail(Error::invalid("nothing varies in the reference"));
    double explained = 0;
    while (out.m_components < out.m_used.size() && explained <= options.explained)
        explained += values(d - 1 - static_cast<Eigen::Index>(out.m_components++)) / total;
    out.m_basis.resize(out.m_used.size() * out.m_components);
    Eigen::Map<Matrix>(out.m_basis.data(), d, static_cast<Eigen::Index>(out.m_components)) =
        solver.eigenvectors().rightCols(static_cast<Eigen::Index>(out.m_components));
    ReconstructionError counted;
    PH_ASSIGN(const std::vector<double> errors, out.rowErrors(reference, counted));
    for (std::size_t from = 0; from < rows; from += chunk)
        out.m_chunks.push_back(meanOf(std::span(errors).subspan(from, std::min(chunk, rows - from))));
    const double mean = meanOf(out.m_chunks);
    const double spread = std::sqrt(squaresOf(out.m_chunks, mean) / static_cast<double>(out.m_chunks.size()));
    out.m_lower = std::max(0.0, mean - options.deviations * spread);
    out.m_upper = mean + options.deviations * spread;
    return out;
}

Result<std::vector<double>> Reconstruction::rowErrors(const Columns& columns, ReconstructionError& counted) const {
    PH_ASSIGN(const std::size_t rows, rowsOf(columns));
    if (columns.size() != m_columns) return fail(Error::invalid("the columns are not the reference's"));
    counted.rows = rows;
    for (const std::size_t c : m_used)
        for (const double x : columns[c]) {
            counted.missing += std::isnan(x) ? 1 : 0;
            counted.infinite += std::isinf(x) ? 1 : 0;
        }
    const Eigen::Map<const Matrix> basis(m_basis.data(), static_cast<Eigen::Index>(m_used.size()),
                                         static_cast<Eigen::Index>(m_components));
    std::vector<double> out;
    out.reserve(rows);
    for (std::size_t from = 0; from < rows; from += kBlockRows) {
        const Matrix block = blockOf(columns, m_used, m_means, m_scales, from, std::min(kBlockRows, rows - from));
        const Matrix left = block - (block * basis) * basis.transpose();
        for (Eigen::Index i = 0; i < left.rows(); ++i) {
            out.push_back(left.row(i).norm());
            if (!std::isfinite(out.back()))
                return fail(Error::invalid("row " + std::to_string(from + static_cast<std::size_t>(i)) +
                                           " has values too large to be squared"));
        }
    }
    return out;
}

Result<ReconstructionError> Reconstruction::measure(const Columns& current,
                                                    std::span<const std::uint32_t> clusters) const {
    ReconstructionError out;
    PH_ASSIGN(const std::vector<double> errors, rowErrors(current, out));
    if (!clusters.empty() && clusters.size() != errors.size())
        return fail(Error::invalid("rows and clusters differ in length"));
    out.error = meanInterval({errors, {}, clusters});
    const auto n = static_cast<double>(errors.size());
    out.samplingError = n < 2 ? kNaN : std::sqrt(squaresOf(errors, out.error.value) / (n - 1) / n);
    out.outside = !(out.error.value > m_lower && out.error.value < m_upper);
    return out;
}

}  // namespace pilothouse::statistics
