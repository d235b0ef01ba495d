// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/import_files_model.h"

#include <QFileInfo>
#include <QPromise>
#include <QThreadPool>
#include <algorithm>

namespace pilothouse::items {
namespace {

using Answer = Result<predictions::FilePreview>;

QFuture<Answer> previewLater(const std::string& path) {
    auto promise = std::make_shared<QPromise<Answer>>();
    promise->start();
    auto future = promise->future();
    QThreadPool::globalInstance()->start([promise, path] {
        promise->addResult(predictions::previewFile(path));
        promise->finish();
    });
    return future;
}

std::string keyOf(const predictions::FilePreview& preview) {
    std::string key = predictions::toYaml(preview.mapping);
    for (const auto& field : preview.fields)
        key += '\n' + field.name;
    return key;
}

}  // namespace

ImportFilesModel::ImportFilesModel(QObject* parent) : QAbstractListModel(parent) {}
ImportFilesModel::~ImportFilesModel() = default;

void ImportFilesModel::add(const QStringList& paths) {
    for (const QString& path : paths) {
        if (m_files.size() >= kMaxFiles) break;
        if (std::ranges::any_of(m_files, [&](const auto& f) { return f->path == path; })) continue;
        const int row = rowCount();
        beginInsertRows({}, row, row);
        m_files.push_back(std::make_unique<File>());
        m_files.back()->path = path;
        endInsertRows();
        m_files.back()->question.start(
            this, [&](const CancellationToken&) { return previewLater(path.toStdString()); },
            [this, path](Answer preview) { arrived(path, std::move(preview)); });
    }
    Q_EMIT changed();
}

void ImportFilesModel::arrived(const QString& path, Answer preview) {
    for (int row = 0; row < rowCount(); ++row) {
        File& file = *m_files[static_cast<std::size_t>(row)];
        if (file.path != path) continue;
        file.loading = false;
        if (preview) {
            file.bytes = preview->bytes;
            file.group = groupFor(std::move(*preview));
        } else {
            file.problem = QString::fromStdString(preview.error().message);
            if (!preview.error().detail.empty())
                file.problem += QStringLiteral(" (%1)").arg(QString::fromStdString(preview.error().detail));
        }
        Q_EMIT dataChanged(index(row), index(row));
    }
    Q_EMIT changed();
}

ImportMappingModel* ImportFilesModel::groupFor(predictions::FilePreview preview) {
    std::string key = keyOf(preview);
    for (const Group& group : m_groups)
        if (group.key == key) return group.mapping.get();
    auto mapping = std::make_unique<ImportMappingModel>();
    mapping->setPreview(std::move(preview.fields), std::move(preview.mapping));
    connect(mapping.get(), &ImportMappingModel::mappingChanged, this, &ImportFilesModel::changed);
    m_groups.push_back({std::move(key), std::move(mapping)});
    return m_groups.back().mapping.get();
}

void ImportFilesModel::removeAt(int row) {
    if (row < 0 || row >= rowCount()) return;
    beginRemoveRows({}, row, row);
    m_files.erase(m_files.begin() + row);
    endRemoveRows();
    Q_EMIT changed();  // before the mapping that is shown goes
    dropUnused();
}

void ImportFilesModel::clear() {
    beginResetModel();
    m_files.clear();
    endResetModel();
    Q_EMIT changed();
    dropUnused();
}

void ImportFilesModel::dropUnused() {
    std::erase_if(m_groups, [&](const Group& group) {
        return std::ranges::none_of(m_files, [&](const auto& f) { return f->group == group.mapping.get(); });
    });
}

ImportMappingModel* ImportFilesModel::mappingOf(int row) const {
    return row >= 0 && row < rowCount() ? m_files[static_cast<std::size_t>(row)]->group : nullptr;
}

int ImportFilesModel::sharing(int row) const {
    const ImportMappingModel* const group = mappingOf(row);
    if (!group) return 0;
    return static_cast<int>(std::ranges::count_if(m_files, [&](const auto& f) { return f->group == group; }));
}

bool ImportFilesModel::loading() const {
    return std::ranges::any_of(m_files, [](const auto& f) { return f->loading; });
}

int ImportFilesModel::loadable() const {
    return static_cast<int>(std::ranges::count_if(m_files, [](const auto& f) { return f->group != nullptr; }));
}

QString ImportFilesModel::obstacle() const {
    if (m_files.empty()) return QStringLiteral("Add the files to load");
    if (loading()) return QStringLiteral("Reading the first rows …");
    if (loadable() == 0)
        return m_files.size() == 1
                   ? QStringLiteral("%1 %2").arg(QFileInfo(m_files[0]->path).fileName(), m_files[0]->problem)
                   : QStringLiteral("None of these files can be loaded");
    for (const auto& file : m_files) {
        if (!file->group) continue;
        const QStringList problems = file->group->problems();
        if (problems.isEmpty()) continue;
        return m_groups.size() == 1 ? problems.front()
                                    : QStringLiteral("%1: %2").arg(QFileInfo(file->path).fileName(), problems.front());
    }
    return {};
}

predictions::IngestOptions ImportFilesModel::options() const {
    predictions::IngestOptions out;
    for (const auto& file : m_files) {
        if (!file->group) continue;
        const std::string path = file->path.toStdString();
        out.files.push_back(path);
        out.mappings[path] = file->group->mapping();
    }
    return out;
}

int ImportFilesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_files.size());
}

QVariant ImportFilesModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const File& file = *m_files[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            return QFileInfo(file.path).fileName();
        case Qt::ToolTipRole:
            return file.problem.isEmpty() ? file.path : file.path + QStringLiteral("\n") + file.problem;
        case PathRole:
            return file.path;
        case BytesRole:
            return file.bytes;
        case ProblemRole:
            return file.problem;
        case LoadingRole:
            return file.loading;
        case GroupRole: {
            const auto group =
                std::ranges::find_if(m_groups, [&](const Group& g) { return g.mapping.get() == file.group; });
            return group == m_groups.end() ? -1 : static_cast<int>(group - m_groups.begin());
        }
        default:
            return {};
    }
}

}  // namespace pilothouse::items
