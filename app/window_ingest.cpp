// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_ingest.h"

#include "app/window_monitors.h"

#include "widgets/ingest/import_form.h"
#include "widgets/ingest/quarantine_list.h"
#include "widgets/ingest/retention_form.h"
#include "widgets/shell/main_window.h"

namespace pilothouse::app {

namespace {

void present(QDialog& dialog) {
    dialog.show();
    dialog.raise();
    dialog.activateWindow();
}

/// The predictions over all the time that the log holds.
void showRows(shell::MainWindow& window) {
    window.showView(QStringLiteral("predictions"));
    window.commands().trigger(QStringLiteral("lens.everything"));
}

}  // namespace

void showImport(shell::MainWindow& window, const QStringList& paths) {
    if (!window.frame()) return;
    // Children of the frame: it ends before what they look at does.
    auto* form = window.frame()->findChild<ingest_view::ImportForm*>();
    if (!form) {
        form = new ingest_view::ImportForm(items::importJob(*window.session()), window.frame());
        QObject::connect(form, &ingest_view::ImportForm::rowsWanted, &window, [form, &window] {
            form->close();
            showRows(window);
        });
        QObject::connect(form, &ingest_view::ImportForm::referenceWanted, &window, [form, &window] {
            form->close();
            window.commands().trigger(QStringLiteral("lens.everything"));
            showProfile(window);
        });
        QObject::connect(form, &ingest_view::ImportForm::quarantineWanted, &window,
                         [&window] { showQuarantine(window); });
    }
    if (!paths.isEmpty()) form->addFiles(paths);
    present(*form);
}

void showQuarantine(shell::MainWindow& window, const QString& filter) {
    if (!window.frame()) return;
    auto* list = window.frame()->findChild<ingest_view::QuarantineList*>();
    if (!list) {
        list = new ingest_view::QuarantineList(window.frame()->session(), window.frame());
        list->setAttribute(Qt::WA_DeleteOnClose);
    }
    if (!filter.isNull()) list->setFilter(filter);
    present(*list);
}

void showRetention(shell::MainWindow& window) {
    if (!window.frame()) return;
    auto* form = window.frame()->findChild<ingest_view::RetentionForm*>();
    if (!form) {
        form = new ingest_view::RetentionForm(window.frame()->session(), window.frame());
        form->setAttribute(Qt::WA_DeleteOnClose);
    }
    present(*form);
}

}  // namespace pilothouse::app
