// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/ingest/mapping_page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSaveFile>
#include <QVBoxLayout>

#include "widgets/ingest/form_parts.h"
#include "widgets/ingest/mapping_table.h"
#include "widgets/theme/format.h"
#include "widgets/theme/size_text.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::ingest_view {

using items::ImportFilesModel;
using items::ImportMappingModel;
using predictions::TimeUnit;
using theme::Token;

namespace {

constexpr qint64 kMappingBytes = 1 << 20;  // parseMapping() has its own, smaller bound and says so
const QString kMappings = QStringLiteral("Mappings (*.yaml *.yml);;All files (*)");

QString formatWords(predictions::RowFormat format) {
    switch (format) {
        case predictions::RowFormat::Csv:
            return QStringLiteral("CSV");
        case predictions::RowFormat::CloudEvents:
            return QStringLiteral("inference events");
        default:
            return QStringLiteral("JSON lines");
    }
}

template <class T>
QComboBox* box(QWidget* parent, const char* name, const QString& accessible,
               std::initializer_list<std::pair<const char*, T>> choices) {
    auto* out = new QComboBox(parent);
    out->setObjectName(QString::fromLatin1(name));
    out->setAccessibleName(accessible);
    for (const auto& [words, value] : choices)
        out->addItem(QString::fromUtf8(words), QVariant::fromValue(static_cast<double>(value)));
    return out;
}

}  // namespace

MappingPage::MappingPage(ImportFilesModel& files, QWidget* parent) : QWidget(parent), m_files(files) {
    setObjectName(QStringLiteral("mappingPage"));
    makeWidgets();
    connectAll();
    filesChanged();
}

void MappingPage::makeWidgets() {
    const auto field = [this](const char* name, const QString& accessible, const QString& hint) {
        auto* e = new QLineEdit(this);
        e->setObjectName(QString::fromLatin1(name));
        e->setAccessibleName(accessible);
        e->setPlaceholderText(hint);
        e->setMaxLength(200);
        return e;
    };
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("importFiles"));
    m_list->setAccessibleName(QStringLiteral("Files"));
    m_list->setModel(&m_files);
    m_list->setFixedHeight(84);
    m_list->setUniformItemSizes(true);
    m_add = formButton(this, "addFiles", QStringLiteral("Add files …"));
    m_remove = formButton(this, "removeFile", QStringLiteral("Remove"));
    m_about = formLabel(this, "fileAbout");
    m_model = field("constantModel", QStringLiteral("Model of rows that name none"),
                    QStringLiteral("of rows that name none"));
    m_version = field("constantVersion", QStringLiteral("Version of rows that name none"),
                      QStringLiteral("of rows that name none"));
    m_time = box<TimeUnit>(this, "timeUnit", QStringLiteral("How times are written"),
                           {{"as they look", TimeUnit::Guess},
                            {"ISO 8601", TimeUnit::Iso},
                            {"seconds since 1970", TimeUnit::Seconds},
                            {"milliseconds since 1970", TimeUnit::Milliseconds},
                            {"microseconds since 1970", TimeUnit::Microseconds},
                            {"nanoseconds since 1970", TimeUnit::Nanoseconds}});
    m_latency = box<double>(this, "latencyUnit", QStringLiteral("Unit of the latency"),
                            {{"milliseconds", 1}, {"seconds", 1'000}, {"microseconds", 1e-3}, {"nanoseconds", 1e-6}});
    m_table = new MappingTable(this);
    m_keepOthers = new QCheckBox(QStringLiteral("Fields that come later become features"), this);
    m_keepOthers->setObjectName(QStringLiteral("keepOthers"));
    m_follow = new QCheckBox(QStringLiteral("Follow the file as it grows"), this);
    m_follow->setObjectName(QStringLiteral("followFile"));
    m_message = formLabel(this, "importMessage");
    m_load = formButton(this, "loadMapping", QStringLiteral("Load mapping …"));
    m_save = formButton(this, "saveMapping", QStringLiteral("Save mapping …"));
    m_close = formButton(this, "closeImport", QStringLiteral("Cancel"));
    m_import = formButton(this, "startImport", QStringLiteral("Import"));

    auto* files = new QHBoxLayout;
    files->addWidget(m_list, 1);
    auto* fileButtons = new QVBoxLayout;
    fileButtons->addWidget(m_add);
    fileButtons->addWidget(m_remove);
    fileButtons->addStretch(1);
    files->addLayout(fileButtons);
    auto* settings = new QHBoxLayout;
    settings->setSpacing(8);
    const auto pair = [&](const QString& words, QWidget* widget, int stretch) {
        auto* l = new QLabel(words, this);
        l->setBuddy(widget);
        settings->addWidget(l);
        settings->addWidget(widget, stretch);
    };
    pair(QStringLiteral("&Model"), m_model, 1);
    pair(QStringLiteral("&Version"), m_version, 1);
    pair(QStringLiteral("&Times are"), m_time, 0);
    pair(QStringLiteral("&Latency in"), m_latency, 0);
    auto* options = new QHBoxLayout;
    options->addWidget(m_keepOthers);
    options->addSpacing(16);
    options->addWidget(m_follow);
    options->addStretch(1);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_load);
    buttons->addWidget(m_save);
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    buttons->addWidget(m_import);
    auto* column = new QVBoxLayout(this);
    column->setSpacing(8);
    column->addLayout(files);
    column->addWidget(m_about);
    column->addLayout(settings);
    column->addWidget(m_table, 1);
    column->addLayout(options);
    column->addWidget(m_message);
    column->addLayout(buttons);
}

void MappingPage::connectAll() {
    connect(&m_files, &ImportFilesModel::changed, this, &MappingPage::filesChanged);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &MappingPage::showFile);
    connect(m_add, &QPushButton::clicked, this, &MappingPage::askForFiles);
    connect(m_remove, &QPushButton::clicked, this, [this] { m_files.removeAt(m_list->currentIndex().row()); });
    connect(m_load, &QPushButton::clicked, this, [this] { askForMapping(false); });
    connect(m_save, &QPushButton::clicked, this, [this] { askForMapping(true); });
    connect(m_close, &QPushButton::clicked, this, &MappingPage::closeWanted);
    connect(m_import, &QPushButton::clicked, this, &MappingPage::importWanted);
    const auto change = [this](auto&& apply) {
        if (ImportMappingModel* m = mapping(); m && !m_filling) apply(*m);
    };
    connect(m_model, &QLineEdit::textChanged, this, [=, this](const QString& text) {
        change([&](ImportMappingModel& m) { m.setConstant("model", text.trimmed().toStdString()); });
    });
    connect(m_version, &QLineEdit::textChanged, this, [=, this](const QString& text) {
        change([&](ImportMappingModel& m) { m.setConstant("version", text.trimmed().toStdString()); });
    });
    connect(m_time, &QComboBox::currentIndexChanged, this, [=, this] {
        change([&](ImportMappingModel& m) {
            m.setTimeUnit(static_cast<TimeUnit>(static_cast<int>(m_time->currentData().toDouble())));
        });
    });
    connect(m_latency, &QComboBox::currentIndexChanged, this, [=, this] {
        change([&](ImportMappingModel& m) { m.setLatencyFactor(m_latency->currentData().toDouble()); });
    });
    connect(m_keepOthers, &QCheckBox::toggled, this,
            [=](bool on) { change([&](ImportMappingModel& m) { m.setKeepOthers(on); }); });
}

ImportMappingModel* MappingPage::mapping() const { return m_files.mappingOf(m_list->currentIndex().row()); }

bool MappingPage::follow() const { return m_follow->isEnabled() && m_follow->isChecked(); }

void MappingPage::setObstacle(const QString& words) {
    m_obstacle = words;
    showState();
}

void MappingPage::filesChanged() {
    m_said.clear();
    if (!m_list->currentIndex().isValid() && m_files.rowCount() > 0) m_list->setCurrentIndex(m_files.index(0));
    showFile();
}

void MappingPage::showFile() {
    const QModelIndex at = m_list->currentIndex();
    ImportMappingModel* const now = mapping();
    if (now != m_shown || !now) {
        m_shown = now;
        QItemSelectionModel* const before = m_table->selectionModel();
        m_table->setModel(now);
        delete before;
        m_table->fitColumns();
    }
    QString about;
    if (at.isValid() && now) {
        about =
            QStringLiteral("%1 · %2 · %3 · %4 fields")
                .arg(at.data(ImportFilesModel::PathRole).toString(),
                     theme::bytes(at.data(ImportFilesModel::BytesRole).toDouble()), formatWords(now->mapping().format))
                .arg(now->fields().size());
        if (const int others = m_files.sharing(at.row()) - 1; others > 0)
            about += others == 1
                         ? QStringLiteral(" · one other file has the same fields and shares this mapping")
                         : QStringLiteral(" · %1 other files have the same fields and share this mapping").arg(others);
    } else if (at.isValid()) {
        about = at.data(ImportFilesModel::PathRole).toString();
        const QString problem = at.data(ImportFilesModel::ProblemRole).toString();
        if (!problem.isEmpty()) about += QLatin1Char(' ') + problem;
    }
    m_about->setText(about);
    showMapping();
}

void MappingPage::showMapping() {
    const ImportMappingModel* const m = mapping();
    for (QWidget* w :
         std::initializer_list<QWidget*>{m_model, m_version, m_time, m_latency, m_keepOthers, m_load, m_save})
        w->setEnabled(m != nullptr);
    m_remove->setEnabled(m_list->currentIndex().isValid());
    m_filling = true;
    const auto constant = [&](QLineEdit* edit, const char* column) {
        QString value;
        if (m)
            if (const auto there = m->mapping().constants.find(column); there != m->mapping().constants.end())
                value = QString::fromStdString(there->second);
        if (edit->text().trimmed() != value) edit->setText(value);
    };
    constant(m_model, "model");
    constant(m_version, "version");
    if (m) {
        m_time->setCurrentIndex(m_time->findData(static_cast<double>(m->mapping().timeUnit)));
        m_latency->setCurrentIndex(m_latency->findData(m->mapping().latencyFactor));
        m_keepOthers->setChecked(m->mapping().keepOthers);
    }
    m_filling = false;
    showState();
}

void MappingPage::showState() {
    const int count = m_files.loadable();
    QString obstacle = m_obstacle.isEmpty() ? m_files.obstacle() : m_obstacle;
    m_follow->setEnabled(count == 1 && m_files.rowCount() == 1);
    m_import->setEnabled(obstacle.isEmpty());
    m_import->setText(count > 1 ? QStringLiteral("Import %1 files").arg(count) : QStringLiteral("Import"));
    const int useless = m_files.rowCount() - count;
    QString words = obstacle;
    bool problem = !obstacle.isEmpty() && !m_files.loading() && m_files.rowCount() > 0;
    if (words.isEmpty() && !m_said.isEmpty()) {
        words = m_said;
        problem = m_saidProblem;
    }
    if (words.isEmpty()) {
        QStringList hints = mapping() ? mapping()->hints() : QStringList();
        if (useless > 0)
            hints.prepend(useless == 1 ? QStringLiteral("One file cannot be loaded and is left out")
                                       : QStringLiteral("%1 files cannot be loaded and are left out").arg(useless));
        words = hints.mid(0, 3).join(QLatin1Char('\n'));
    }
    QPalette p = palette();
    p.setColor(QPalette::WindowText, theme::color(problem ? Token::Alarm : Token::TextMuted));
    m_message->setPalette(p);
    m_message->setText(problem ? QStringLiteral("▲ ") + words : words);
}

void MappingPage::askForFiles() {
    auto* dialog =
        new QFileDialog(this, QStringLiteral("Files with predictions"), {},
                        QStringLiteral("Predictions (*.jsonl *.ndjson *.json *.csv *.gz *.zst);;All files (*)"));
    dialog->setObjectName(QStringLiteral("addFilesDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, &m_files, &ImportFilesModel::add);
    dialog->open();
}

void MappingPage::askForMapping(bool save) {
    auto* dialog = new QFileDialog(this, save ? QStringLiteral("Save the mapping") : QStringLiteral("Load a mapping"),
                                   {}, kMappings);
    dialog->setObjectName(QStringLiteral("mappingDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setDefaultSuffix(QStringLiteral("yaml"));
    if (save) {
        dialog->setAcceptMode(QFileDialog::AcceptSave);
    } else {
        dialog->setFileMode(QFileDialog::ExistingFile);
    }
    connect(dialog, &QFileDialog::fileSelected, this, save ? &MappingPage::saveMapping : &MappingPage::loadMapping);
    dialog->open();
}

void MappingPage::loadMapping(const QString& path) {
    ImportMappingModel* const m = mapping();
    if (!m) return;
    QFile file(path);
    m_saidProblem = true;
    if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly)) {
        m_said = QStringLiteral("%1 cannot be read: %2").arg(path, file.errorString());
        return showState();
    }
    const QByteArray yaml = file.read(kMappingBytes);
    auto read = predictions::parseMapping({yaml.constData(), static_cast<std::size_t>(yaml.size())},
                                          QFileInfo(path).fileName().toStdString());
    if (!read) {
        m_said = QString::fromStdString(read.error().text());
    } else if (read->format != m->mapping().format) {
        m_said = QStringLiteral("%1 is a mapping for %2, and this file is %3")
                     .arg(QFileInfo(path).fileName(), formatWords(read->format), formatWords(m->mapping().format));
    } else {
        m->setMapping(std::move(*read));
        m_saidProblem = false;
        m_said = QStringLiteral("Mapping loaded from %1").arg(path);
    }
    showState();
}

void MappingPage::saveMapping(const QString& path) {
    const ImportMappingModel* const m = mapping();
    if (!m) return;
    const QByteArray yaml = QByteArray::fromStdString(predictions::toYaml(m->mapping()));
    QSaveFile file(path);
    const bool done = file.open(QIODevice::WriteOnly) && file.write(yaml) == yaml.size() && file.commit();
    m_saidProblem = !done;
    m_said = done ? QStringLiteral("Mapping saved: pilothouse ingest … --map %1").arg(path)
                  : QStringLiteral("%1 cannot be written: %2").arg(path, file.errorString());
    showState();
}

void MappingPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_import->setDefault(true);  // a dialog has one; other pages have theirs
}

void MappingPage::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_import) showState();
}

}  // namespace pilothouse::ingest_view
