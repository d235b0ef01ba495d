// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/model_connections.h"

#include "models/connect/mlflow/mlflow_server.h"
#include "models/items/connection_options.h"

namespace pilothouse::items {

Result<std::shared_ptr<ports::ModelRegistry>> makeModelRegistry(const workspace::Connection& connection) {
    if (connection.kind != "mlflow")
        return fail(ErrorKind::Unsupported, "this kind of connection has no models", connection.kind);
    const connect::HttpOptions options = httpOptions(connection);
    PH_TRY(connect::checkOptions(options));
    PH_ASSIGN(auto made, connect::mlflow::MlflowServer::create(connection.name, connection.url, options));
    return std::shared_ptr<ports::ModelRegistry>(std::move(made));
}

}  // namespace pilothouse::items
