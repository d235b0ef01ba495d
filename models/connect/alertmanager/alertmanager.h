// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "models/connect/alertmanager/alertmanager_answers.h"
#include "models/connect/http/http_client.h"
#include "models/ports/alert_receiver.h"
#include "models/ports/alert_source.h"

namespace pilothouse::connect::alertmanager {

/// An Alertmanager, spoken to by its API v2. Thread: any; nothing is sent unless a caller sends it.
///
/// As a source it lists what is open: it forgets what is resolved. Its silences stay listed for days after their end.
class Alertmanager final : public ports::AlertReceiver, public ports::AlertSource {
public:
    /// InvalidInput for an address that is not http or https, or that holds a user or a password. A token that the
    /// options name goes to https addresses and to this machine only.
    static Result<std::shared_ptr<Alertmanager>> create(std::string name, const std::string& url,
                                                        HttpOptions options = {});

    [[nodiscard]] std::string name() const override { return m_name; }
    QFuture<Result<ports::ReceiverAnswer>> send(std::vector<ports::OutgoingAlert> alerts,
                                                CancellationToken token) override;
    QFuture<Result<std::string>> check(CancellationToken token) override;

    QFuture<Result<std::vector<ports::Alert>>> alerts(bool open, CancellationToken token) override;
    QFuture<Result<std::vector<ports::Silence>>> silences(CancellationToken token) override;
    /// InvalidInput, in the server's words, for what it refuses. A start in the past becomes the server's now.
    QFuture<Result<std::string>> silence(ports::Silence silence) override;
    QFuture<Result<void>> expireSilence(std::string id) override;
    /// As notifications go out: by receiver and the labels that its route groups by.
    [[nodiscard]] QFuture<Result<std::vector<AlertGroup>>> groups(CancellationToken token);
    [[nodiscard]] HttpFigures figures() const { return m_http.figures(); }

private:
    Alertmanager(std::string name, QUrl url, HttpOptions options)
        : m_name(std::move(name)), m_url(std::move(url)), m_http(std::move(options)) {}
    [[nodiscard]] QUrl path(const char* path) const;

    std::string m_name;
    QUrl m_url;
    HttpClient m_http;
};

}  // namespace pilothouse::connect::alertmanager
