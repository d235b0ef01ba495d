// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_monitors.h"

#include "widgets/monitor/monitor_form.h"
#include "widgets/monitor/profile_form.h"
#include "widgets/shell/main_window.h"

namespace pilothouse::app {

namespace {

/// The form of its kind that is open, or a new one. A child of the frame: it ends before what it looks at does.
template <class Form>
std::pair<Form*, bool> formOf(shell::MainWindow& window) {
    auto* form = window.frame()->findChild<Form*>();
    const bool made = !form;
    if (made) {
        form = new Form(window.frame()->session(), window.frame());
        form->setAttribute(Qt::WA_DeleteOnClose);
    }
    return {form, made};
}

void present(QDialog& dialog) {
    dialog.show();
    dialog.raise();
    dialog.activateWindow();
}

}  // namespace

void showMonitors(shell::MainWindow& window, const QString& monitor) {
    if (!window.frame()) return;
    const auto [form, made] = formOf<monitor_view::MonitorForm>(window);
    if (made)
        QObject::connect(form, &monitor_view::MonitorForm::referenceWanted, &window,
                         [&window] { showProfile(window); });
    if (made || !monitor.isEmpty()) form->edit(monitor);
    present(*form);
}

void showProfile(shell::MainWindow& window) {
    if (!window.frame()) return;
    const auto [form, made] = formOf<monitor_view::ProfileForm>(window);
    if (made)
        QObject::connect(form, &monitor_view::ProfileForm::monitorWanted, &window, [form = form, &window] {
            form->close();
            showMonitors(window);
        });
    present(*form);
}

void addMonitorCommands(shell::MainWindow& window) {
    shell::MainWindow* const w = &window;
    const auto add = [w](const char* id, const QString& title, std::function<void()> run) {
        w->commands().add({QString::fromLatin1(id), title, QStringLiteral("Monitor"), {}, std::move(run), [w] {
                               return w->frame() != nullptr;
                           }});
    };
    add("monitor.edit", QStringLiteral("Monitors …"), [w] { showMonitors(*w); });
    add("monitor.reference", QStringLiteral("Make a reference …"), [w] { showProfile(*w); });
}

}  // namespace pilothouse::app
