// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/registry/registry_view.h"

#include <QComboBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QSplitter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/registry/alias_timeline.h"
#include "widgets/registry/promote_bar.h"
#include "widgets/theme/format.h"
#include "widgets/theme/layout_state.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::registry {

namespace {

using Columns = items::VersionListModel;

/// Formats metrics, dates and ranges; a version carries its series colour.
class VersionDelegate : public QStyledItemDelegate {
public:
    VersionDelegate(const items::Session& session, QObject* parent) : QStyledItemDelegate(parent), m_session(session) {}

    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        const QVariantList metric = index.data(Columns::MetricRole).toList();
        switch (index.column()) {
            case Columns::Auc:
            case Columns::Baseline:
            case Columns::AgainstChampion:
                option->text = metric.isEmpty() ? QStringLiteral("–")
                                                : theme::withInterval(metric[0].toDouble(), metric[1].toDouble(),
                                                                      metric[2].toDouble());
                break;
            case Columns::Created:
                option->text = theme::time({index.data(Columns::CreatedNsRole).toLongLong()}, m_session.displayZone());
                break;
            case Columns::TrainedOn: {
                const QVariantList range = index.data(Columns::RangeNsRole).toList();
                option->text =
                    theme::range({{range[0].toLongLong()}, {range[1].toLongLong()}}, m_session.displayZone());
                break;
            }
            case Columns::Rows:
                option->text = theme::count(index.data().toULongLong());
                option->displayAlignment = Qt::AlignRight | Qt::AlignVCenter;
                break;
            case Columns::Version:
                option->rect.adjust(16, 0, 0, 0);
                break;
            default:
                break;
        }
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyledItemDelegate::paint(painter, option, index);
        if (index.column() == Columns::Version)
            painter->fillRect(QRect(option.rect.left() + 6, option.rect.center().y() - 4, 9, 9),
                              theme::seriesColor(index.data().toString()));
    }

private:
    const items::Session& m_session;
};

QLabel* plainLabel(const char* name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

void quiet(QTableView* table) {
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setFrameShape(QFrame::NoFrame);
    table->setWordWrap(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(24);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

QString differenceText(double difference) {
    if (std::isnan(difference)) return {};
    return (difference >= 0 ? QStringLiteral("+") : QStringLiteral("−")) +
           QString::number(std::abs(difference), 'f', 4);
}

}  // namespace

RegistryView::RegistryView(items::Session& session, QWidget* parent) : theme::View(parent), m_session(session) {
    setObjectName(QStringLiteral("registryView"));
    build();
    buildDetails();
    connect(&session, &items::Session::changed, this, [this] {
        m_stale = true;
        if (isVisible()) refresh();
    });
    connect(&session, &items::Session::selectionChanged, this, &RegistryView::followSelection);
    connect(&session, &items::Session::displayZoneChanged, this, [this] {
        m_table->viewport()->update();
        showCurrent();
    });
    followSelection();
}

RegistryView::~RegistryView() = default;

void RegistryView::build() {
    m_summary = plainLabel("registrySummary", this);
    m_summary->setContentsMargins(12, 8, 12, 8);
    m_empty = plainLabel("registryEmpty", this);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setText(
        tr("No model has been registered. A pipeline with a register step does it; the demo's first version "
           "comes on 1 April."));
    m_timeline = new AliasTimeline(this);
    connect(m_timeline, &AliasTimeline::versionChosen, this, [this](const QString& version) {
        if (const auto* entry = current()) {
            const int row = m_model.rowOf(QString::fromStdString(entry->version.model) + QLatin1Char('/') + version);
            if (row >= 0) m_table->selectRow(row);
        }
    });
    m_bar = new PromoteBar(this);
    connect(m_bar, &PromoteBar::confirmed, this, &RegistryView::move);
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("versionsTable"));
    m_table->setAccessibleName(tr("Versions"));
    m_table->setModel(&m_model);
    m_table->setItemDelegate(new VersionDelegate(m_session, m_table));
    quiet(m_table);
    const std::pair<int, int> widths[] = {
        {Columns::Model, 80},     {Columns::Version, 72},   {Columns::Aliases, 84},          {Columns::Created, 136},
        {Columns::Auc, 156},      {Columns::Baseline, 156}, {Columns::AgainstChampion, 156}, {Columns::Rows, 96},
        {Columns::TrainedOn, 190}};
    for (const auto& [column, width] : widths)
        m_table->setColumnWidth(column, width);
    m_table->horizontalHeader()->setStretchLastSection(true);
    theme::rememberColumns(*m_table);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
        if (!index.isValid()) return;
        m_key = index.data(Columns::KeyRole).toString();
        showCurrent();
    });

    m_promote = new QPushButton(tr("Promote…"), this);
    m_promote->setObjectName(QStringLiteral("promoteButton"));
    m_rollback = new QPushButton(tr("Roll back…"), this);
    m_rollback->setObjectName(QStringLiteral("rollbackButton"));
    connect(m_promote, &QPushButton::clicked, this, [this] { askPromotion(false); });
    connect(m_rollback, &QPushButton::clicked, this, [this] { askPromotion(true); });
    m_compare = new QComboBox(this);
    m_compare->setObjectName(QStringLiteral("compareWith"));
    m_compare->setAccessibleName(tr("Compare with"));
    m_compare->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    connect(m_compare, &QComboBox::activated, this, &RegistryView::showComparison);
    m_comparison = new QTableWidget(0, 4, this);
    m_comparison->setObjectName(QStringLiteral("comparisonTable"));
    m_comparison->setAccessibleName(tr("Comparison"));
    quiet(m_comparison);
    m_comparison->setColumnWidth(0, 200);
    m_comparison->setColumnWidth(1, 240);
    m_comparison->setColumnWidth(2, 240);
    m_comparison->horizontalHeader()->setStretchLastSection(true);

    auto* head = new QHBoxLayout;
    head->setContentsMargins(0, 0, 12, 0);
    head->addWidget(m_summary, 1);
    head->addWidget(m_promote);
    head->addWidget(m_rollback);
    auto* top = new QWidget(this);
    auto* topLayout = new QVBoxLayout(top);
    topLayout->setContentsMargins(0, 0, 0, 0);
    topLayout->setSpacing(0);
    topLayout->addLayout(head);
    topLayout->addWidget(m_bar);
    topLayout->addWidget(m_timeline);
    topLayout->addWidget(m_table, 1);
    topLayout->addWidget(m_empty, 1);
    auto* bottom = new QWidget(this);
    auto* bottomLayout = new QVBoxLayout(bottom);
    bottomLayout->setContentsMargins(0, 0, 0, 0);
    bottomLayout->setSpacing(0);
    auto* compareHead = new QHBoxLayout;
    compareHead->setContentsMargins(12, 8, 12, 4);
    m_title = plainLabel("versionTitle", this);
    m_title->setFont(theme::font(true));
    compareHead->addWidget(m_title, 1);
    compareHead->addWidget(new QLabel(tr("compare with"), this));
    compareHead->addWidget(m_compare);
    bottomLayout->addLayout(compareHead);
    bottomLayout->addWidget(m_comparison, 1);
    auto* splitter = new QSplitter(Qt::Vertical, this);
    splitter->setObjectName(QStringLiteral("registrySplitter"));
    splitter->setHandleWidth(1);
    splitter->addWidget(top);
    splitter->addWidget(bottom);
    splitter->setSizes({280, 420});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
    setFocusProxy(m_table);
}

void RegistryView::buildDetails() {
    m_details = new QWidget(this);
    m_details->setObjectName(QStringLiteral("versionDetails"));
    m_lineage = plainLabel("versionLineage", m_details);
    m_lineage->setTextFormat(Qt::RichText);
    m_history = plainLabel("versionHistory", m_details);
    m_lineage->setTextInteractionFlags(Qt::TextBrowserInteraction);
    // Links lead inside the window only: "run:3", "range:ns-ns", "drift:".
    m_lineage->setOpenExternalLinks(false);
    connect(m_lineage, &QLabel::linkActivated, this, [this](const QString& link) {
        const auto* entry = current();
        if (!entry) return;
        if (link.startsWith(QStringLiteral("run:"))) {
            m_session.select({"run", link.mid(4).toStdString()});
            m_session.showView(QStringLiteral("runs"));
        } else if (link == QStringLiteral("data")) {
            m_session.lens().setRange(entry->version.trainedOn);
            m_session.showView(QStringLiteral("predictions"));
        } else if (link == QStringLiteral("profile")) {
            m_session.lens().setVersion(entry->version.version);
            m_session.showView(QStringLiteral("drift"));
        }
    });
    auto* layout = new QVBoxLayout(m_details);
    layout->setContentsMargins(12, 8, 12, 8);
    auto* lineageTitle = new QLabel(tr("Where it comes from"), m_details);
    lineageTitle->setFont(theme::font(true));
    auto* historyTitle = new QLabel(tr("What it has been"), m_details);
    historyTitle->setFont(theme::font(true));
    layout->addWidget(lineageTitle);
    layout->addWidget(m_lineage);
    layout->addSpacing(12);
    layout->addWidget(historyTitle);
    layout->addWidget(m_history);
    layout->addStretch(1);
}

QWidget* RegistryView::details() { return m_details; }

void RegistryView::showEvent(QShowEvent* event) {
    View::showEvent(event);
    if (m_stale) refresh();
}

void RegistryView::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && m_bar->isVisible()) {
        m_bar->hide();
        return;
    }
    View::keyPressEvent(event);
}

QFuture<Result<RegistryView::Snapshot>> RegistryView::ask(CancellationToken token) {
    using Versions = QFuture<Result<std::vector<ports::ModelVersion>>>;
    using Periods = QFuture<Result<std::vector<ports::AliasPeriod>>>;
    auto registry = m_session.ports().registry;
    // No thread waits for another here: the answers are joined when the last one has come.
    return registry->models(token)
        .then([registry, token](Result<std::vector<ports::ModelSummary>> models) -> QFuture<Result<Snapshot>> {
            if (!models) return QtFuture::makeReadyFuture(Result<Snapshot>(tl::unexpected(models.error())));
            if (models->empty()) return QtFuture::makeReadyFuture(Result<Snapshot>(Snapshot{}));
            std::vector<Versions> versions;
            std::vector<Periods> periods;
            for (const ports::ModelSummary& model : *models) {
                versions.push_back(registry->versions(model.name, token));
                periods.push_back(registry->aliasHistory(model.name, token));
            }
            return QtFuture::whenAll(periods.begin(), periods.end())
                .then([versions](const QList<Periods>& done) mutable {
                    return QtFuture::whenAll(versions.begin(), versions.end()).then([done](const QList<Versions>& v) {
                        return std::pair(done, v);
                    });
                })
                .unwrap()
                .then([models = std::move(*models)](const std::pair<QList<Periods>, QList<Versions>>& answers) {
                    return assemble(models, answers.first, answers.second);
                });
        })
        .unwrap();
}

Result<RegistryView::Snapshot> RegistryView::assemble(
    const std::vector<ports::ModelSummary>& models,
    const QList<QFuture<Result<std::vector<ports::AliasPeriod>>>>& periods,
    const QList<QFuture<Result<std::vector<ports::ModelVersion>>>>& versions) {
    Snapshot snapshot;
    for (qsizetype i = 0; i < versions.size(); ++i) {
        PH_ASSIGN(auto ofModel, versions[i].result());
        PH_ASSIGN(const auto held, periods[i].result());
        for (ports::ModelVersion& version : ofModel) {
            QStringList aliases;
            for (const auto& [alias, of] : models[static_cast<std::size_t>(i)].aliases)
                if (of == version.version) aliases << QString::fromStdString(alias);
            snapshot.entries.push_back({std::move(version), aliases});
        }
        snapshot.periods.insert(snapshot.periods.end(), held.begin(), held.end());
    }
    return snapshot;
}

void RegistryView::refresh() {
    if (!m_session.ports().registry || m_asking.running()) return;
    m_stale = false;
    m_asking.start(
        this, [this](CancellationToken token) { return ask(token); },
        [this](Result<Snapshot> snapshot) {
            m_loaded = true;
            if (snapshot)
                showSnapshot(std::move(*snapshot));
            else
                m_summary->setText(QString::fromStdString(snapshot.error().text()));
            if (m_stale) refresh();
        });
}

void RegistryView::showSnapshot(Snapshot snapshot) {
    m_periods = std::move(snapshot.periods);
    const bool empty = snapshot.entries.empty();
    const bool grown = snapshot.entries.size() != m_model.entries().size();
    m_model.setEntries(std::move(snapshot.entries));
    m_table->setVisible(!empty);
    m_timeline->setVisible(!empty);
    m_empty->setVisible(empty);
    m_promote->setEnabled(!empty);
    m_rollback->setEnabled(!empty);
    if (empty) {
        m_summary->setText(tr("No version"));
        m_title->clear();
        m_comparison->setRowCount(0);
        return;
    }
    if (m_model.rowOf(m_key) < 0) {
        // The champion first: what serves is what one looks for.
        m_key = m_model.index(0, 0).data(Columns::KeyRole).toString();
        for (const auto& entry : m_model.entries())
            if (entry.aliases.contains(QLatin1String(ports::kChampion)))
                m_key = QString::fromStdString(entry.version.model + "/" + entry.version.version);
    }
    m_table->selectRow(m_model.rowOf(m_key));
    if (grown || m_compare->count() == 0) {
        const QVariant chosen = m_compare->currentData();
        m_compare->clear();
        m_compare->addItem(tr("champion, or what it replaced"), QString());
        for (const auto& entry : m_model.entries()) {
            const QString key = QString::fromStdString(entry.version.model + "/" + entry.version.version);
            m_compare->addItem(key, key);
        }
        m_compare->setCurrentIndex(std::max(0, m_compare->findData(chosen)));
    }
    showCurrent();
}

const items::VersionListModel::Entry* RegistryView::current() const {
    const int row = m_model.rowOf(m_key);
    return row < 0 ? nullptr : &m_model.entries()[static_cast<std::size_t>(row)];
}

QString RegistryView::championOf(const std::string& model) const {
    for (const auto& entry : m_model.entries())
        if (entry.version.model == model && entry.aliases.contains(QLatin1String(ports::kChampion)))
            return QString::fromStdString(entry.version.version);
    return {};
}

std::string RegistryView::championBefore(const std::string& model) const {
    std::string now, before;
    for (const ports::AliasPeriod& p : m_periods) {
        if (p.model != model || p.alias != ports::kChampion || p.version == now) continue;
        before = now;
        now = p.version;
    }
    return before;
}

void RegistryView::showCurrent() {
    const auto* entry = current();
    if (!entry) return;
    const std::string& model = entry->version.model;
    const QString champion = championOf(model);
    const auto count = std::count_if(m_model.entries().begin(), m_model.entries().end(),
                                     [&](const auto& e) { return e.version.model == model; });
    m_summary->setText(tr("%1: %n version(s), %2", nullptr, static_cast<int>(count))
                           .arg(QString::fromStdString(model),
                                champion.isEmpty() ? tr("none in production") : tr("%1 in production").arg(champion)));
    std::vector<ports::AliasPeriod> periods;
    for (const ports::AliasPeriod& p : m_periods)
        if (p.model == model && p.alias == ports::kChampion) periods.push_back(p);
    m_timeline->setPeriods(std::move(periods), m_session.now(), m_session.displayZone());
    m_promote->setEnabled(QString::fromStdString(entry->version.version) != champion);
    m_rollback->setEnabled(std::count_if(m_periods.begin(), m_periods.end(), [&](const ports::AliasPeriod& p) {
                               return p.model == model && p.alias == ports::kChampion;
                           }) > 1);
    showComparison();
    showLineage();
}

void RegistryView::showComparison() {
    const auto* entry = current();
    if (!entry) return;
    QString otherKey = m_compare->currentData().toString();
    if (otherKey.isEmpty()) {
        // A version is compared with the champion, and the champion with what it replaced.
        const QString champion = championOf(entry->version.model);
        const bool isChampion = champion.toStdString() == entry->version.version;
        const QString other = isChampion ? QString::fromStdString(championBefore(entry->version.model)) : champion;
        otherKey = QString::fromStdString(entry->version.model) + QLatin1Char('/') + other;
    }
    const int row = otherKey == m_key ? -1 : m_model.rowOf(otherKey);
    const ports::ModelVersion* other = row < 0 ? nullptr : &m_model.entries()[static_cast<std::size_t>(row)].version;
    // Left the one to compare with, right the one chosen: the difference is what choosing it would bring.
    const ports::ModelVersion& left = other ? *other : entry->version;
    const auto rows = items::describeVersions(left, other ? &entry->version : nullptr);
    m_title->setText(other ? tr("%1 beside %2").arg(m_key, otherKey) : m_key);
    m_comparison->setHorizontalHeaderLabels({QString(), QString::fromStdString(left.version),
                                             other ? QString::fromStdString(entry->version.version) : QString(),
                                             other ? tr("difference") : QString()});
    m_comparison->setColumnHidden(2, !other);
    m_comparison->setColumnHidden(3, !other);
    m_comparison->setRowCount(static_cast<int>(rows.size()));
    QString section;
    for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
        const items::ComparisonRow& line = rows[static_cast<std::size_t>(i)];
        const QStringList cells{
            line.section == section ? line.name : line.section + QStringLiteral(" · ") + line.name, line.left,
            line.right,
            std::isnan(line.difference) ? (line.differs ? tr("differs") : QString()) : differenceText(line.difference)};
        section = line.section;
        for (int c = 0; c < 4; ++c) {
            auto* item = new QTableWidgetItem(cells[c]);
            item->setToolTip(cells[c]);
            if (c == 0) item->setForeground(theme::color(theme::Token::TextMuted));
            if (line.differs && c == 2) item->setFont(theme::font(true));
            m_comparison->setItem(i, c, item);
        }
    }
}

void RegistryView::showLineage() {
    const auto* entry = current();
    if (!entry) return;
    const ports::ModelVersion& v = entry->version;
    const Zone& zone = m_session.displayZone();
    QString html;
    const auto line = [&](const QString& name, const QString& value) {
        html += QStringLiteral("<tr><td style='padding-right:12px'>%1</td><td>%2</td></tr>")
                    .arg(name.toHtmlEscaped(), value);
    };
    const auto link = [](const QString& target, const QString& text) {
        return QStringLiteral("<a href='%1'>%2</a>").arg(target.toHtmlEscaped(), text.toHtmlEscaped());
    };
    line(tr("run"), v.runId.empty() ? tr("not known")
                                    : link(QStringLiteral("run:") + QString::fromStdString(v.runId),
                                           tr("run %1").arg(QString::fromStdString(v.runId))));
    line(tr("training data"),
         link(QStringLiteral("data"),
              tr("%1 rows, %2").arg(theme::count(v.trainingRows), theme::range(v.trainedOn, zone))));
    line(tr("held out"), theme::range(v.evaluatedOn, zone).toHtmlEscaped());
    line(tr("profile"), v.profileDigest.empty()
                            ? tr("none")
                            : link(QStringLiteral("profile"), QString::fromStdString(v.profileDigest).left(19)));
    line(tr("artifact"),
         v.artifactDigest.empty() ? tr("none") : QString::fromStdString(v.artifactDigest).left(19).toHtmlEscaped());
    line(tr("task"), QString::fromStdString(v.task + (v.positiveClass.empty() ? "" : ", positive: " + v.positiveClass))
                         .toHtmlEscaped());
    line(tr("threshold"), QString::number(v.threshold, 'g', 4));
    m_lineage->setText(QStringLiteral("<table>") + html + QStringLiteral("</table>"));
    QStringList history;
    for (const ports::AliasPeriod& p : m_periods) {
        if (p.model != v.model || p.version != v.version) continue;
        const QString until = p.to ? theme::time(*p.to, zone) : tr("now");
        history << tr("%1 from %2 to %3\n%4: %5")
                       .arg(QString::fromStdString(p.alias), theme::time(p.from, zone), until,
                            QString::fromStdString(p.actor), QString::fromStdString(p.reason));
    }
    m_history->setText(history.isEmpty() ? tr("It has never had an alias") : history.join(QStringLiteral("\n\n")));
}

void RegistryView::askPromotion(bool rollback) {
    const auto* entry = current();
    if (!entry) return;
    m_moveModel = entry->version.model;
    m_moveVersion = entry->version.version;
    const QString model = QString::fromStdString(m_moveModel), champion = championOf(m_moveModel);
    if (rollback) {
        const std::string before = championBefore(m_moveModel);
        if (before.empty()) return;
        m_moveVersion = before;
    }
    const QString version = QString::fromStdString(m_moveVersion);
    const QString question = champion.isEmpty()
                                 ? tr("Put %1 of %2 into production?").arg(version, model)
                                 : tr("Put %1 of %2 into production instead of %3?").arg(version, model, champion);
    m_bar->ask(question, rollback ? tr("Roll back to %1").arg(version) : tr("Promote %1").arg(version));
}

void RegistryView::move(const QString& reason) {
    const std::string why = reason.isEmpty() ? std::string("promoted in the window") : reason.toStdString();
    m_moving.start(
        this,
        [&](CancellationToken) {
            return m_session.ports().registry->setAlias(m_moveModel, ports::kChampion, m_moveVersion, "user", why);
        },
        [this](Result<void> done) {
            if (!done) {
                m_bar->showOutcome(QString::fromStdString(done.error().text()));
                return;
            }
            m_bar->hide();
            m_stale = true;
            refresh();
        });
}

void RegistryView::followSelection() {
    const items::Session::Selection& selection = m_session.selection();
    if (selection.kind != "version") return;
    m_key = QString::fromStdString(selection.id);
    const int row = m_model.rowOf(m_key);
    if (row >= 0) m_table->selectRow(row);
}

QByteArray RegistryView::exportCsv() const {
    QByteArray csv =
        "model,version,aliases,created,auc,auc_low,auc_high,auc_baseline,training_rows,trained_from,trained_to,run\n";
    for (const auto& entry : m_model.entries()) {
        const ports::ModelVersion& v = entry.version;
        const ports::Metric *auc = v.metric("auc"), *base = v.metric("auc_baseline");
        const auto number = [](const ports::Metric* m, double ports::Metric::*part) {
            return m && std::isfinite(m->*part) ? QByteArray::number(m->*part, 'g', 10) : QByteArray();
        };
        csv += QByteArray::fromStdString(v.model) + ',' + QByteArray::fromStdString(v.version) + ",\"" +
               entry.aliases.join(QLatin1Char(' ')).toUtf8() + "\"," + QByteArray::fromStdString(v.created.toIso()) +
               ',' + number(auc, &ports::Metric::value) + ',' + number(auc, &ports::Metric::low) + ',' +
               number(auc, &ports::Metric::high) + ',' + number(base, &ports::Metric::value) + ',' +
               QByteArray::number(static_cast<qulonglong>(v.trainingRows)) + ',' +
               QByteArray::fromStdString(v.trainedOn.start.toIso()) + ',' +
               QByteArray::fromStdString(v.trainedOn.end.toIso()) + ',' + QByteArray::fromStdString(v.runId) + '\n';
    }
    return csv;
}

QStringList RegistryView::keys() const { return {tr("j k – next and previous version"), tr("e – export the list")}; }

}  // namespace pilothouse::registry
