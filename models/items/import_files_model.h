// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <memory>
#include <vector>

#include "models/base/latest.h"
#include "models/items/import_mapping_model.h"

namespace pilothouse::items {

/// Files that are to be loaded, and what their first rows look like. Files whose fields are the same share one mapping.
/// Files are read off the GUI thread; all else happens on it.
class ImportFilesModel : public QAbstractListModel {
    Q_OBJECT
public:
    static constexpr std::size_t kMaxFiles = 1'000;
    enum DataRole {
        PathRole = Qt::UserRole + 1,
        BytesRole,    ///< as the file lies; 0 before it was read
        ProblemRole,  ///< why it cannot be loaded
        LoadingRole,  ///< its first rows are being read
        GroupRole,    ///< files of one group share a mapping; -1: none
    };
    explicit ImportFilesModel(QObject* parent = nullptr);
    ~ImportFilesModel() override;

    /// Those that are listed already, and those beyond kMaxFiles, are passed over.
    void add(const QStringList& paths);
    void removeAt(int row);
    void clear();
    /// Null while its first rows are read, and for what cannot be loaded.
    [[nodiscard]] ImportMappingModel* mappingOf(int row) const;
    /// So many files share that file's mapping.
    [[nodiscard]] int sharing(int row) const;

    [[nodiscard]] bool loading() const;
    [[nodiscard]] int loadable() const;
    /// Why nothing can be loaded now, in words; empty: loadable() files can.
    [[nodiscard]] QString obstacle() const;
    /// Files and their mappings.
    [[nodiscard]] predictions::IngestOptions options() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    /// A file's first rows are there, a mapping was changed, or a file came or went.
    void changed();

private:
    struct File {
        QString path;
        bool loading = true;
        quint64 bytes = 0;
        QString problem;
        ImportMappingModel* group = nullptr;
        Latest question;
    };
    void arrived(const QString& path, Result<predictions::FilePreview> preview);
    ImportMappingModel* groupFor(predictions::FilePreview preview);
    void dropUnused();

    std::vector<std::unique_ptr<File>> m_files;
    struct Group {
        std::string key;  ///< format, guess and names
        std::unique_ptr<ImportMappingModel> mapping;
    };
    std::vector<Group> m_groups;
};

}  // namespace pilothouse::items
