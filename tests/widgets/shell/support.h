// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QTemporaryDir>
#include <memory>

#include "models/items/session.h"
#include "widgets/shell/color_scheme.h"
#include "widgets/shell/main_window.h"
#include "widgets/theme/view.h"

/// A window over a workspace whose ports answer from memory: a year of traffic, three versions, alerts and runs.
namespace pilothouse::test {

struct World {
    std::vector<ports::ModelSummary> models;
    std::vector<ports::ModelVersion> versions;
    std::vector<ports::AliasPeriod> aliases;
    std::vector<ports::Alert> alerts;
    std::vector<ports::Run> runs;
    TimeRange rows;  ///< a row an hour; before `scoredFrom` without a version
    Timestamp scoredFrom;
    std::vector<std::string> cancelled;  ///< runs that were asked to end
    int questions = 0;                   ///< asked of any port
};

/// The demo's year as of 14 July 2013.
[[nodiscard]] std::shared_ptr<World> yearOfFlights();
[[nodiscard]] std::unique_ptr<items::Session> makeSession(const QString& folder, std::shared_ptr<World> world);

/// A view that shows its name, has a list of three rows and counts what it hears.
class PlainView : public theme::View {
    Q_OBJECT
public:
    PlainView(QString id, items::Session& session, QWidget* parent);
    QString viewId() const override { return m_id; }
    QString viewTitle() const override { return m_id.left(1).toUpper() + m_id.mid(1); }
    QString iconName() const override { return m_id; }
    bool settled() const override { return true; }
    QWidget* details() override { return m_session.selection().kind.empty() ? nullptr : m_details; }
    void focusQuery() override { ++queries; }
    QStringList keys() const override { return {QStringLiteral("x – a key of this view")}; }
    int queries = 0;

private:
    QString m_id;
    items::Session& m_session;
    QLabel* m_details;
};

/// Settings go to a folder of the test's own, and a warning ends it.
void isolate(const QTemporaryDir& folder);
[[nodiscard]] std::unique_ptr<shell::MainWindow> makeWindow(shell::ColorScheme& scheme);

}  // namespace pilothouse::test
