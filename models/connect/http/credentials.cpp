// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/http/credentials.h"

#include <qt6keychain/keychain.h>

#include <QPromise>
#include <memory>

#include "models/base/ready.h"

namespace pilothouse::connect {

namespace {

const QString kService = QStringLiteral("Pilothouse");
constexpr std::string_view kEnvironment = "env:", kKeychain = "keychain:";

Error keychainError(const QKeychain::Job& job) {
    const std::string name = job.key().toStdString();
    switch (job.error()) {
        case QKeychain::EntryNotFound:
            return {ErrorKind::PermissionDenied, "the keychain holds no secret of this name", {}, name, false};
        case QKeychain::AccessDenied:
        case QKeychain::AccessDeniedByUser:
            return {ErrorKind::PermissionDenied, "the keychain did not give the secret", {}, name, false};
        default:
            return {ErrorKind::Unavailable,
                    "no keychain runs here; name an environment variable that holds the secret instead",
                    job.errorString().toStdString(), name, false};
    }
}

/// Runs a job of the keychain; `value` makes of it what is wanted.
template <class T, class Job, class Value>
QFuture<Result<T>> run(std::unique_ptr<Job> job, Value value) {
    auto promise = std::make_shared<QPromise<Result<T>>>();
    promise->start();
    job->setAutoDelete(true);
    Job* running = job.release();  // deletes itself
    QObject::connect(running, &QKeychain::Job::finished, running, [promise, running, value](QKeychain::Job*) {
        promise->addResult(value(*running));
        promise->finish();
    });
    auto future = promise->future();
    running->start();
    return future;
}

std::string_view nameIn(const std::string& reference, std::string_view scheme) {
    return std::string_view(reference).substr(scheme.size());
}

QString key(const std::string& reference) {
    const std::string_view name = nameIn(reference, kKeychain);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

}  // namespace

Credentials bearerFrom(const std::string& variable) {
    return {Credentials::Scheme::Bearer, {}, std::string(kEnvironment) + variable};
}

QFuture<Result<QByteArray>> readSecret(const std::string& reference) {
    if (reference.starts_with(kEnvironment)) {
        const std::string name(nameIn(reference, kEnvironment));
        const QByteArray value = qgetenv(name.c_str()).trimmed();
        if (value.isEmpty())
            return ready<QByteArray>(
                fail(ErrorKind::PermissionDenied, "the environment variable " + name + " with the secret is not set"));
        return ready<QByteArray>(value);
    }
    if (reference.starts_with(kKeychain) && reference.size() > kKeychain.size()) {
        auto job = std::make_unique<QKeychain::ReadPasswordJob>(kService);
        job->setKey(key(reference));
        return run<QByteArray>(std::move(job), [](const QKeychain::ReadPasswordJob& done) -> Result<QByteArray> {
            if (done.error() != QKeychain::NoError) return fail(keychainError(done));
            return done.textData().toUtf8();
        });
    }
    return ready<QByteArray>(
        fail(ErrorKind::InvalidInput, "a secret is named by env:NAME or keychain:NAME, never written down"));
}

QFuture<Result<void>> writeSecret(const std::string& reference, QByteArray secret) {
    if (!reference.starts_with(kKeychain) || reference.size() == kKeychain.size())
        return ready<void>(fail(ErrorKind::InvalidInput, "only a keychain keeps secrets", reference));
    const auto outcome = [](const QKeychain::Job& done) -> Result<void> {
        if (done.error() == QKeychain::NoError) return {};
        return fail(keychainError(done));
    };
    if (secret.isEmpty()) {
        auto job = std::make_unique<QKeychain::DeletePasswordJob>(kService);
        job->setKey(key(reference));
        return run<void>(std::move(job), [outcome](const QKeychain::Job& done) -> Result<void> {
            return done.error() == QKeychain::EntryNotFound ? Result<void>{} : outcome(done);
        });
    }
    auto job = std::make_unique<QKeychain::WritePasswordJob>(kService);
    job->setKey(key(reference));
    job->setTextData(QString::fromUtf8(secret));
    return run<void>(std::move(job), outcome);
}

}  // namespace pilothouse::connect
