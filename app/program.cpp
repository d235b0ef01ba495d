// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/program.h"

#include <QApplication>
#include <QSettings>

#include "app/demo_command.h"
#include "app/output.h"
#include "app/snapshot.h"
#include "models/base/logging.h"

namespace pilothouse::app {

namespace {

Result<QSize> parseSize(const std::string& text) {
    const QStringList parts = QString::fromStdString(text).split(QLatin1Char('x'));
    bool okWidth = false, okHeight = false;
    const QSize size(parts.value(0).toInt(&okWidth), parts.value(1).toInt(&okHeight));
    if (parts.size() != 2 || !okWidth || !okHeight || size.width() < 400 || size.height() < 300 ||
        size.width() > 8000 || size.height() > 8000)
        return fail(Error::invalid("\"" + text + "\" is no size: WIDTHxHEIGHT, from 400x300 to 8000x8000"));
    return size;
}

std::function<Result<std::shared_ptr<workspace::Workspace>>()> demoOpener(const std::string& path,
                                                                          const engine::DemoOptions& options) {
    return [path, options] { return openOrCreateDemo(path, options); };
}

}  // namespace

void addWindowOptions(CLI::App& app, WindowOptions& options) {
    app.add_flag("--measure-start", options.measureStart, "Print the time to the first paint, and end")
        ->group("Measuring");
    app.add_option("--measure-gaps", options.measureGaps,
                   "Print the event loop's longest gap in so many seconds, and end")
        ->group("Measuring");
}

int openWindow(const CommandContext& context, const std::string& file, const WindowOptions& options) {
    WindowOptions window = options;
    window.file = !file.empty() ? file : context.workspacePath;
    window.demo = demoOpener(demoPath(), {});
    return runWindow(context.argc, context.argv, window);
}

int runDemoWindow(const CommandContext& context, const DemoArguments& arguments, const WindowOptions& options) {
    const auto demo = demoOptions(arguments);
    if (!demo) return printNote("pilothouse: " + demo.error().text()), Usage;
    const auto speed = parseSpeed(arguments.speed.empty() ? "1" : arguments.speed);
    if (!speed) return printNote("pilothouse: " + speed.error().text()), Usage;
    WindowOptions window = options;
    window.open = demoOpener(arguments.out.empty() ? demoPath() : arguments.out + "/demo.pilothouse", *demo);
    window.demo = window.open;
    window.speed = *speed;
    return runWindow(context.argc, context.argv, window);
}

int runSnapshot(const CommandContext& context, const SnapshotArguments& arguments) {
    PictureOptions options;
    const auto size = parseSize(arguments.size);
    if (!size) return printNote("pilothouse: " + size.error().text()), Usage;
    options.size = *size;
    options.dark = arguments.dark;
    prepareForPictures(arguments.scale);
    int argc = context.argc;
    QApplication application(argc, context.argv);
    logging::install();
    auto workspace = context.openWorkspace();
    if (!workspace) return report(workspace.error());
    if (!arguments.range.empty()) {
        const auto moment = parseMoment(arguments.range, (*workspace)->now(), (*workspace)->zone());
        if (!moment) return report(moment.error());
        options.range = TimeRange{*moment, (*workspace)->now()};
    }
    const Status saved = savePictures(*workspace, arguments.out, options);
    return saved ? Done : report(saved.error());
}

}  // namespace pilothouse::app
