// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/base/result.h"
#include "models/connect/http/http_client.h"

namespace pilothouse::connect::mlflow {

/// What an answer whose status is no 2xx means. MLflow says {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": …} for
/// what its API refuses; Flask says a page of HTML for an unknown path; what stands before the API (authentication, the
/// check of the Host header, a proxy) says plain text. The kind is that of error_code (mlflow/protos/databricks.proto),
/// else of the status. The message is the server's own, one line of 500 characters at most.
[[nodiscard]] Error parseError(const HttpAnswer& answer, const std::string& source);

}  // namespace pilothouse::connect::mlflow
