// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <memory>
#include <optional>

#include "models/items/drift_loader.h"
#include "models/items/session.h"
#include "widgets/theme/view.h"

class QComboBox;
class QLabel;
class QScrollArea;
class QSplitter;
class QStackedLayout;
class QToolButton;

namespace pilothouse::drift {

class DriftDetails;
class DriftHeatMap;
class DriftTiles;
struct ColumnDetails;

/// Which inputs or outputs changed, by how much, since when.
class DriftView : public theme::View {
    Q_OBJECT
public:
    explicit DriftView(items::Session& session, QWidget* parent = nullptr);
    ~DriftView() override;

    QString viewId() const override { return u"drift"_qs; }
    QString viewTitle() const override { return u"Drift"_qs; }
    QString iconName() const override { return u"drift"_qs; }
    bool settled() const override;
    QWidget* details() override;
    void focusQuery() override;
    QByteArray exportCsv() const override;
    QStringList keys() const override;

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void makeWidgets();
    void dress();
    void lensChanged();
    void dataChanged();
    void reload();
    void overviewReady();
    void windowReady(std::shared_ptr<const items::DriftWindow> window);
    void followLens();
    void chooseColumn(int column, bool explicitly);
    void chooseFeature(const QString& feature, bool tell);
    void showEmpty();
    void showSummary();
    void showTiles();
    void showDetails();
    void showRows(const QStringList& clauses);
    void takeWindow(const TimeRange& window);
    /// What the chosen window is compared with.
    enum class Against { Profile, Before, Baseline, Version, Rest };
    void showQuality(bool quality);
    void fillAgainst();
    void chooseAgainst(Against mode);
    void chooseBaseline(int column);
    void compare(int column);
    void compareFailed(const QString& message);
    [[nodiscard]] QString firstVerdict() const;
    [[nodiscard]] ColumnDetails detailsOf(const QString& feature) const;

    items::Session& m_session;
    items::DriftLoader m_loader;
    items::DriftMatrixModel m_matrix;
    std::shared_ptr<const items::DriftWindow> m_window;
    std::optional<TimeRange> m_explicit;  ///< chosen here, until the lens's range changes
    TimeRange m_range;                    ///< of the lens, when it was last followed
    std::string m_model;
    QString m_feature, m_problem;
    bool m_stale = true;
    Against m_mode = Against::Profile;
    std::optional<TimeRange> m_baseline;
    int m_compared = -1;  ///< the column that was last compared

    QComboBox* m_against;
    QToolButton* m_quality;
    QStackedLayout* m_pages;
    QWidget *m_main, *m_rule;
    QSplitter* m_splitter;
    QLabel *m_title, *m_caption, *m_empty, *m_summaryTitle, *m_summary;
    QScrollArea* m_heatArea;
    DriftHeatMap* m_heat;
    DriftTiles* m_tiles;
    QPointer<DriftDetails> m_details;
};

}  // namespace pilothouse::drift
