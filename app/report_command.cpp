// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>

#include "app/command_line.h"
#include "app/output.h"
#include "app/snapshot.h"
#include "app/window_report.h"
#include "models/base/logging.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::app {

namespace {

Result<ReportData> gather(const CommandContext& context, const ReportArguments& arguments) {
    PH_ASSIGN(const auto workspace, context.openWorkspace());
    ReportQuestion question;
    question.model = arguments.model;
    if (!arguments.window.empty()) {
        PH_ASSIGN(question.moment, parseMoment(arguments.window, workspace->now(), workspace->zone()));
    }
    return gatherReport(*workspace, question, context.token);
}

}  // namespace

int runReport(const CommandContext& context, const ReportArguments& arguments) {
    prepareForPictures(1);
    int argc = context.argc;
    QApplication application(argc, context.argv);
    logging::install();
    theme::apply(theme::Scheme::Light);
    const auto data = gather(context, arguments);
    if (!data) return report(data.error());
    const Status saved = saveReport(*data, arguments.out);
    if (!saved) return report(saved.error());
    if (context.json) {
        printJson({{QStringLiteral("file"), text(arguments.out)},
                   {QStringLiteral("model"), text(data->model)},
                   {QStringLiteral("window_start"), jsonTime(data->window.start)},
                   {QStringLiteral("window_end"), jsonTime(data->window.end)},
                   {QStringLiteral("judged"), data->judged},
                   {QStringLiteral("state"), QLatin1String(statistics::toString(data->drift.evaluation.state))}});
    } else {
        printLine("report of " + data->model + ", " + data->window.start.toIso() + " – " + data->window.end.toIso() +
                  ": " + arguments.out);
    }
    return Done;
}

}  // namespace pilothouse::app
