// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/base/result.h"
#include "models/statistics/performance.h"

namespace pilothouse::statistics {

/// A table by columns, all of one length. NaN is missing; infinities count as missing too, and are counted.
using Columns = std::vector<std::span<const double>>;

/// Categories as numbers for what follows: the share that each had in the reference (0 for one it never held, the
/// largest share where the value is missing), as NannyML's normalised CountEncoder and its most-frequent imputer.
class FrequencyEncoding {
public:
    /// Codes index categories; a code of 0xFFFFFFFF, or at or beyond `categories`, is missing. Fails without a value
    /// and beyond ten million categories.
    [[nodiscard]] static Result<FrequencyEncoding> fit(std::span<const std::uint32_t> codes, std::size_t categories);
    /// Codes of the same dictionary; new categories have codes beyond the reference's.
    [[nodiscard]] std::vector<double> encode(std::span<const std::uint32_t> codes) const;

private:
    std::vector<double> m_shares;
    double m_largest = 0;
};

/// Multivariate drift by PCA reconstruction error (NannyML 0.13, data reconstruction drift; Jolliffe 2002): columns are
/// imputed by the reference's mean, scaled to its mean and standard deviation (n), put through the principal components
/// that explain at least `explained` of the variance, and back. The error is the mean over rows of the Euclidean
/// distance. It sees a change of how columns go together that no single column shows.
struct ReconstructionOptions {
    double explained = 0.65;    ///< 0 < explained < 1
    std::size_t chunkRows = 0;  ///< of the reference's chunks; 0: ten chunks
    double deviations = 3;      ///< of the chunks' errors around their mean: the thresholds
};

struct ReconstructionError {
    Interval error;            ///< 95 %, Student's t over clusters (or rows)
    double samplingError = 0;  ///< standard deviation of the rows' errors (n - 1) over sqrt(n), as NannyML's
    bool outside = false;      ///< of the thresholds
    std::uint64_t rows = 0, missing = 0, infinite = 0;  ///< the latter two in cells
};

/// For any thread once fitted.
class Reconstruction {
public:
    /// Fails when columns differ in length, there are none or more than 2,000, fewer than two chunks of reference rows,
    /// an option makes no sense, or nothing varies. A column without any value is left out (`unusable`); a constant one
    /// keeps its unit.
    [[nodiscard]] static Result<Reconstruction> fit(const Columns& reference,
                                                    const ReconstructionOptions& options = {});
    /// Fails when the columns are not the reference's in number, differ in length, hold no rows, or a value is too
    /// large to be squared.
    [[nodiscard]] Result<ReconstructionError> measure(const Columns& current,
                                                      std::span<const std::uint32_t> clusters = {}) const;

    [[nodiscard]] std::size_t components() const { return m_components; }
    [[nodiscard]] double lower() const { return m_lower; }
    [[nodiscard]] double upper() const { return m_upper; }
    /// Errors of the reference's chunks. With k of them no false-alarm rate below 1 / (k + 1) can be shown.
    [[nodiscard]] const std::vector<double>& chunks() const { return m_chunks; }
    [[nodiscard]] const std::vector<std::size_t>& unusable() const { return m_unusable; }

private:
    [[nodiscard]] Result<std::vector<double>> rowErrors(const Columns& columns, ReconstructionError& counted) const;

    std::size_t m_columns = 0, m_components = 0;
    std::vector<std::size_t> m_used, m_unusable;
    std::vector<double> m_means, m_scales;  ///< a used column
    std::vector<double> m_basis;            ///< [used column * components + component]
    std::vector<double> m_chunks;
    double m_lower = 0, m_upper = 0, m_deviations = 3;
};

}  // namespace pilothouse::statistics
