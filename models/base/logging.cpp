// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/base/logging.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace pilothouse::logging {

namespace {

spdlog::level::level_enum level(QtMsgType type) {
    switch (type) {
        case QtDebugMsg:
            return spdlog::level::debug;
        case QtInfoMsg:
            return spdlog::level::info;
        case QtWarningMsg:
            return spdlog::level::warn;
        case QtCriticalMsg:
            return spdlog::level::err;
        case QtFatalMsg:
            return spdlog::level::critical;
    }
    return spdlog::level::info;
}

void handle(QtMsgType type, const QMessageLogContext& context, const QString& message) {
    const char* category = context.category ? context.category : "default";
    spdlog::log(level(type), "{}: {}", category, message.toStdString());
    if (type == QtFatalMsg) {
        spdlog::shutdown();
        std::abort();
    }
}

}  // namespace

void install(const std::string& file, bool verbose) {
    std::vector<spdlog::sink_ptr> sinks;
    auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    console->set_level(verbose ? spdlog::level::debug : spdlog::level::warn);
    console->set_pattern("%^%l%$ %v");
    sinks.push_back(console);
    if (!file.empty()) {
        try {
            sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file, 5 << 20, 3));
        } catch (const spdlog::spdlog_ex& error) {
            // A log that cannot be written must not keep the program from starting.
            std::fprintf(stderr, "pilothouse: no log file: %s\n", error.what());
        }
    }
    auto logger = std::make_shared<spdlog::logger>("pilothouse", sinks.begin(), sinks.end());
    logger->set_level(spdlog::level::debug);
    logger->flush_on(spdlog::level::warn);
    spdlog::set_default_logger(logger);
    qInstallMessageHandler(handle);
}

}  // namespace pilothouse::logging
