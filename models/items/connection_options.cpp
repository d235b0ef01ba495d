// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/connection_options.h"

namespace pilothouse::items {

connect::HttpOptions httpOptions(const workspace::Connection& connection) {
    namespace option = workspace::option;
    connect::HttpOptions out;
    using Scheme = connect::Credentials::Scheme;
    const std::string secret = connection.option(option::kSecret), user = connection.option(option::kUser);
    if (!secret.empty()) out.credentials = {user.empty() ? Scheme::Bearer : Scheme::Basic, user, secret};
    out.caFile = connection.option(option::kCaFile);
    out.certificateFile = connection.option(option::kCertificateFile);
    out.keyFile = connection.option(option::kKeyFile);
    out.proxy = connection.option(option::kProxy);
    for (const auto& [key, value] : connection.options)
        if (key.starts_with(option::kHeader)) out.headers.emplace(key.substr(option::kHeader.size()), value);
    return out;
}

}  // namespace pilothouse::items
