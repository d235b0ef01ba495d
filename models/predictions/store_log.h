// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLoggingCategory>

namespace pilothouse::predictions {

/// What happens to rows over time: sealed, merged, removed.
Q_DECLARE_LOGGING_CATEGORY(storeLog)

}  // namespace pilothouse::predictions
