// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/snapshot.h"

#include <QApplication>
#include <QBuffer>
#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QSaveFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include "app/window.h"
#include "widgets/shell/color_scheme.h"
#include "widgets/shell/main_window.h"

namespace pilothouse::app {

namespace {

constexpr int kLookMs = 20;
constexpr int kCalmLooks = 4;  // up to date so many times in a row: nothing new was asked by what came

bool waitUntilSettled(shell::WorkspaceFrame& frame, int timeoutMs) {
    QEventLoop loop;
    QTimer look;
    QElapsedTimer clock;
    clock.start();
    int calm = 0;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        calm = frame.settled() ? calm + 1 : 0;
        if (calm >= kCalmLooks) loop.exit(1);
        if (clock.elapsed() > timeoutMs) loop.exit(0);
    });
    look.start(kLookMs);
    return loop.exec() == 1;
}

}  // namespace

void prepareForPictures(double scale) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    if (scale != 1) qputenv("QT_SCALE_FACTOR", QByteArray::number(scale));
}

Result<std::vector<std::pair<QString, QByteArray>>> drawPictures(std::shared_ptr<workspace::Workspace> workspace,
                                                                 const PictureOptions& options) {
    // A person's settings neither show nor change.
    QTemporaryDir settings;
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
    PH_ASSIGN(auto opened, completeOpening(std::move(workspace)));
    opened.demo = false;  // pictures run no engine
    shell::ColorScheme scheme;
    scheme.force(options.dark ? theme::Scheme::Dark : theme::Scheme::Light);
    shell::MainWindow window(scheme);
    window.resize(options.size);
    addViews(window);
    shell::addWindowCommands(window);
    auto session = makeSession(std::move(opened));
    if (options.range) {
        items::LensState state;
        state.range.fixed = options.range;
        session->lens().start(std::move(state));
    }
    window.setSession(std::move(session));
    window.show();
    std::vector<std::pair<QString, QByteArray>> pictures;
    for (const shell::ViewFactory& view : window.views()) {
        window.showView(view.id);
        if (!waitUntilSettled(*window.frame(), options.timeoutMs))
            return fail(ErrorKind::Timeout,
                        "the view had not answered after " + std::to_string(options.timeoutMs / 1000) + " s",
                        view.id.toStdString());
        QByteArray png;
        QBuffer buffer(&png);
        buffer.open(QIODevice::WriteOnly);
        if (!window.grab().save(&buffer, "PNG")) return fail(Error::internal("the picture could not be encoded"));
        pictures.emplace_back(view.id, png);
    }
    return pictures;
}

Status savePictures(std::shared_ptr<workspace::Workspace> workspace, const std::string& folder,
                    const PictureOptions& options) {
    PH_ASSIGN(const auto pictures, drawPictures(std::move(workspace), options));
    const QDir out(QString::fromStdString(folder));
    if (!out.mkpath(QStringLiteral("."))) return fail(ErrorKind::PermissionDenied, "the folder cannot be made", folder);
    for (const auto& [name, png] : pictures) {
        QSaveFile file(out.filePath(name + QStringLiteral(".png")));
        if (!file.open(QIODevice::WriteOnly) || file.write(png) != png.size() || !file.commit())
            return fail(ErrorKind::PermissionDenied, "the picture could not be written", file.fileName().toStdString(),
                        file.errorString().toStdString());
    }
    return {};
}

}  // namespace pilothouse::app
