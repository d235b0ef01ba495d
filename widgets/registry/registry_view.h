// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/base/latest.h"
#include "models/items/session.h"
#include "models/items/version_list_model.h"
#include "widgets/theme/view.h"

class QComboBox;
class QLabel;
class QPushButton;
class QTableView;
class QTableWidget;

namespace pilothouse::registry {

class AliasTimeline;
class PromoteBar;

/// What serves and what could: versions with aliases, metrics and lineage; two side by side; promote and roll back.
class RegistryView : public theme::View {
    Q_OBJECT
public:
    explicit RegistryView(items::Session& session, QWidget* parent = nullptr);
    ~RegistryView() override;
    [[nodiscard]] QString viewId() const override { return QStringLiteral("registry"); }
    [[nodiscard]] QString viewTitle() const override { return tr("Registry"); }
    [[nodiscard]] QString iconName() const override { return QStringLiteral("registry"); }
    [[nodiscard]] bool settled() const override {
        return m_loaded && !m_stale && !m_asking.running() && !m_moving.running();
    }
    [[nodiscard]] QWidget* details() override;
    [[nodiscard]] QByteArray exportCsv() const override;
    [[nodiscard]] QStringList keys() const override;

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Snapshot {
        std::vector<items::VersionListModel::Entry> entries;
        std::vector<ports::AliasPeriod> periods;
    };
    void build();
    void buildDetails();
    void refresh();
    [[nodiscard]] QFuture<Result<Snapshot>> ask(CancellationToken token);
    [[nodiscard]] static Result<Snapshot> assemble(
        const std::vector<ports::ModelSummary>& models,
        const QList<QFuture<Result<std::vector<ports::AliasPeriod>>>>& periods,
        const QList<QFuture<Result<std::vector<ports::ModelVersion>>>>& versions);
    void showSnapshot(Snapshot snapshot);
    void showCurrent();
    void showComparison();
    void showLineage();
    void askPromotion(bool rollback);
    void move(const QString& reason);
    void followSelection();
    [[nodiscard]] const items::VersionListModel::Entry* current() const;
    [[nodiscard]] QString championOf(const std::string& model) const;
    /// The version that was champion before the one that is; empty: none was.
    [[nodiscard]] std::string championBefore(const std::string& model) const;

    items::Session& m_session;
    items::VersionListModel m_model;
    std::vector<ports::AliasPeriod> m_periods;
    QTableView* m_table = nullptr;
    QLabel *m_summary = nullptr, *m_empty = nullptr, *m_title = nullptr, *m_lineage = nullptr, *m_history = nullptr;
    AliasTimeline* m_timeline = nullptr;
    PromoteBar* m_bar = nullptr;
    QPushButton *m_promote = nullptr, *m_rollback = nullptr;
    QComboBox* m_compare = nullptr;
    QTableWidget* m_comparison = nullptr;
    QWidget* m_details = nullptr;
    QString m_key;                           ///< "delay/v2"
    std::string m_moveModel, m_moveVersion;  ///< what the bar asks about
    Latest m_asking, m_moving;
    bool m_stale = true, m_loaded = false;
};

}  // namespace pilothouse::registry
