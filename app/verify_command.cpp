// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line.h"
#include "app/output.h"
#include "models/predictions/verify_predictions.h"

namespace pilothouse::app {

int runVerify(const CommandContext& context, const std::string& file) {
    auto workspace = workspace::Workspace::open(file);
    if (!workspace) return report(workspace.error());
    const auto problems = (*workspace)->verify({predictions::verifyPredictions}, context.token);
    if (!problems) return report(problems.error());
    if (context.json) {
        QJsonArray array;
        for (const workspace::Problem& p : *problems)
            array.append(QJsonObject{{QStringLiteral("what"), text(p.what)}, {QStringLiteral("where"), text(p.where)}});
        printJson({{QStringLiteral("file"), text(file)},
                   {QStringLiteral("sound"), problems->empty()},
                   {QStringLiteral("problems"), array}});
    } else {
        for (const workspace::Problem& p : *problems)
            printLine(p.where + ": " + p.what);
        if (problems->empty()) printLine(file + ": sound");
    }
    return problems->empty() ? Done : Failed;
}

}  // namespace pilothouse::app
