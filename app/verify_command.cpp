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
    const auto database = (*workspace)->connect(true);
    if (!database) return report(database.error());
    // Not damage: what arrived contradicts itself, and all of it is kept.
    const auto conflicts = predictions::fieldConflicts(**database);
    if (!conflicts) return report(conflicts.error());
    if (context.json) {
        QJsonArray array, contradictions;
        for (const predictions::FieldConflict& c : *conflicts) {
            QJsonArray types;
            for (const std::string& type : c.types)
                types.append(text(type));
            contradictions.append(QJsonObject{{QStringLiteral("field"), text(c.field)},
                                              {QStringLiteral("types"), types},
                                              {QStringLiteral("rows"), static_cast<qint64>(c.rows)}});
        }
        for (const workspace::Problem& p : *problems)
            array.append(QJsonObject{{QStringLiteral("what"), text(p.what)}, {QStringLiteral("where"), text(p.where)}});
        printJson({{QStringLiteral("file"), text(file)},
                   {QStringLiteral("sound"), problems->empty()},
                   {QStringLiteral("problems"), array},
                   {QStringLiteral("conflicts"), contradictions}});
    } else {
        for (const workspace::Problem& p : *problems)
            printLine(p.where + ": " + p.what);
        for (const predictions::FieldConflict& c : *conflicts)
            printNote("field \"" + c.field + "\" came as more than one type; " + std::to_string(c.rows) +
                      " rows differ from the first");
        if (problems->empty()) printLine(file + ": sound");
    }
    return problems->empty() ? Done : Failed;
}

}  // namespace pilothouse::app
