// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>

#include "widgets/shell/color_scheme.h"
#include "widgets/shell/engine_controls.h"
#include "widgets/shell/lens_bar.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/status_area.h"
#include "widgets/shell/timeline_strip.h"

namespace pilothouse::shell {

namespace {

using Keys = QList<QKeySequence>;

/// Shorthand for commands that need an open workspace.
class Adder {
public:
    Adder(MainWindow& window, QString section) : m_window(window), m_section(std::move(section)) {}
    void always(const char* id, const QString& title, Keys keys, std::function<void()> run, bool listed = true) {
        m_window.commands().add(
            {QString::fromLatin1(id), title, m_section, std::move(keys), std::move(run), {}, listed});
    }
    void open(const char* id, const QString& title, Keys keys, std::function<void(WorkspaceFrame&)> run,
              std::function<bool(WorkspaceFrame&)> possible = {}, bool listed = true) {
        MainWindow* w = &m_window;
        m_window.commands().add(
            {QString::fromLatin1(id), title, m_section, std::move(keys),
             [w, run = std::move(run)] {
                 if (w->frame()) run(*w->frame());
             },
             [w, possible = std::move(possible)] { return w->frame() && (!possible || possible(*w->frame())); },
             listed});
    }

private:
    MainWindow& m_window;
    QString m_section;
};

items::Lens& lens(WorkspaceFrame& frame) { return frame.session().lens(); }

void addLens(MainWindow& window) {
    Adder add(window, QStringLiteral("Lens"));
    add.open(
        "lens.back", QStringLiteral("Back"), {QKeySequence(Qt::ALT | Qt::Key_Left)}, [](auto& f) { lens(f).back(); },
        [](auto& f) { return lens(f).canGoBack(); });
    add.open(
        "lens.forward", QStringLiteral("Forward"), {QKeySequence(Qt::ALT | Qt::Key_Right)},
        [](auto& f) { lens(f).forward(); }, [](auto& f) { return lens(f).canGoForward(); });
    add.open("lens.model", QStringLiteral("Choose the model"), {Qt::Key_M}, [](auto& f) { f.lensBar().chooseModel(); });
    add.open("lens.version", QStringLiteral("Choose the version"), {Qt::Key_V},
             [](auto& f) { f.lensBar().chooseVersion(); });
    add.open("lens.compare", QStringLiteral("Compare with"), {Qt::Key_C},
             [](auto& f) { f.lensBar().chooseComparison(); });
    add.open("lens.filter", QStringLiteral("Add a filter"), {Qt::Key_F}, [](auto& f) { f.lensBar().addFilter(); });
    add.open(
        "lens.clear", QStringLiteral("Clear all filters"), {}, [](auto& f) { lens(f).clearFilters(); },
        [](auto& f) { return !lens(f).state().filters.empty(); });
    add.open("lens.range", QStringLiteral("Choose the time range"), {Qt::Key_T},
             [](auto& f) { f.lensBar().chooseRange(); });
    add.open("lens.earlier", QStringLiteral("Previous time range"), {Qt::Key_BracketLeft},
             [](auto& f) { lens(f).step(-1); });
    add.open("lens.later", QStringLiteral("Next time range"), {Qt::Key_BracketRight}, [](auto& f) { lens(f).step(1); });
    add.open("lens.everything", QStringLiteral("Show the whole history"), {}, [](auto& f) {
        if (!f.timeline().extent().empty()) lens(f).setRange(f.timeline().extent());
    });
    add.open("lens.live", QStringLiteral("Live on or off"), {Qt::Key_L},
             [](auto& f) { lens(f).setLive(!lens(f).live()); });
    add.open("lens.zone", QStringLiteral("Switch between UTC and the workspace's zone"), {Qt::Key_Z},
             [](auto& f) { f.session().setUtc(!f.session().utc()); });
}

void addEngine(MainWindow& window) {
    Adder add(window, QStringLiteral("Engine"));
    const auto runs = [](WorkspaceFrame& f) { return f.status().engineControls().running(); };
    add.open(
        "engine.pause", QStringLiteral("Pause or play the simulated year"), {QKeySequence(Qt::CTRL | Qt::Key_Space)},
        [](auto& f) { f.status().engineControls().togglePaused(); }, runs);
    add.open(
        "engine.faster", QStringLiteral("Faster"), {Qt::Key_Plus, Qt::Key_Equal},
        [](auto& f) { f.status().engineControls().changeSpeed(1); }, runs);
    add.open(
        "engine.slower", QStringLiteral("Slower"), {Qt::Key_Minus},
        [](auto& f) { f.status().engineControls().changeSpeed(-1); }, runs);
    add.open("connections.check", QStringLiteral("Check the connections"), {},
             [](auto& f) { f.status().checkConnections(); });
}

void addView(MainWindow& window) {
    Adder add(window, QStringLiteral("Window"));
    MainWindow* w = &window;
    add.always(
        "palette", QStringLiteral("Search or run"), {QKeySequence(Qt::CTRL | Qt::Key_K)}, [w] { w->openPalette(); },
        false);
    add.open("query", QStringLiteral("Go to the query"), {Qt::Key_Slash}, [](WorkspaceFrame& f) {
        if (f.currentView()) f.currentView()->focusQuery();
    });
    add.open(
        "next", QStringLiteral("Next item"), {Qt::Key_J}, [w](auto&) { w->sendKey(Qt::Key_Down); }, {}, false);
    add.open(
        "previous", QStringLiteral("Previous item"), {Qt::Key_K}, [w](auto&) { w->sendKey(Qt::Key_Up); }, {}, false);
    add.open("actions", QStringLiteral("Actions for the selection"), {Qt::Key_Period},
             [w](auto&) { w->openContextMenu(); });
    add.open("details", QStringLiteral("Show or hide the details"), {Qt::Key_D}, [](auto& f) { f.toggleDetails(); });
    add.open("timeline.fit", QStringLiteral("Show the whole timeline"), {}, [](auto& f) { f.timeline().fit(); });
    using Choice = ColorScheme::Choice;
    for (const auto& [id, title, choice] :
         {std::tuple{"theme.system", QStringLiteral("Colours of the desktop"), Choice::System},
          std::tuple{"theme.light", QStringLiteral("Light colours"), Choice::Light},
          std::tuple{"theme.dark", QStringLiteral("Dark colours"), Choice::Dark}})
        add.always(id, title, {}, [w, c = choice] { w->colorScheme().choose(c); });
    add.always("fullscreen", QStringLiteral("Full screen"), {Qt::Key_F11},
               [w] { w->setWindowState(w->windowState() ^ Qt::WindowFullScreen); });
    add.always("keys", QStringLiteral("Keys"), {Qt::Key_Question}, [w] { w->openKeys(); });
    add.always("help.query", QStringLiteral("Query language"), {Qt::Key_F1},
               [w] { w->openHelp(QStringLiteral("query-language")); });
    add.open(
        "menu", QStringLiteral("Menu"), {Qt::Key_F10}, [](auto& f) { f.lensBar().openMenu(); }, {}, false);
}

}  // namespace

void addWindowCommands(MainWindow& window) {
    MainWindow* w = &window;
    Adder file(window, QStringLiteral("File"));
    file.always("file.open", QStringLiteral("Open a workspace …"), {QKeySequence::Open}, [w] { w->askForFile(); });
    file.always("file.new", QStringLiteral("New workspace …"), {QKeySequence::New}, [w] { w->askForNewFile(); });
    file.always("file.demo", QStringLiteral("Run the demo"), {}, [w] { Q_EMIT w->demoRequested(); });
    file.always("file.connect", QStringLiteral("Connect to a system …"), {}, [w] { w->askForConnection(); });
    window.commands().add({QStringLiteral("file.import"),
                           QStringLiteral("Import predictions …"),
                           QStringLiteral("File"),
                           {QKeySequence(Qt::CTRL | Qt::Key_I)},
                           [w] { w->askForImport(); },
                           [w] { return !w->session() || !w->session()->workspace().readOnly(); }});
    file.open("data.quarantine", QStringLiteral("Rows set aside …"), {},
              [w](auto&) { Q_EMIT w->quarantineRequested(); });
    file.open("data.retention", QStringLiteral("How long rows stay …"), {},
              [w](auto&) { Q_EMIT w->retentionRequested(); });
    file.open("file.export", QStringLiteral("Export what is shown as CSV …"), {Qt::Key_E},
              [w](auto&) { w->exportView(); });
    file.open("file.close", QStringLiteral("Close the workspace"), {QKeySequence(Qt::CTRL | Qt::Key_W)}, [w](auto&) {
        QMetaObject::invokeMethod(
            w, [w] { w->setSession(nullptr); }, Qt::QueuedConnection);
    });
    file.always("file.quit", QStringLiteral("Quit"), {QKeySequence(Qt::CTRL | Qt::Key_Q)}, [w] { w->close(); });
    addView(window);
    addLens(window);
    addEngine(window);
}

}  // namespace pilothouse::shell
