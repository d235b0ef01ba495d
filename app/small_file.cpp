// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/small_file.h"

#include <QFile>

namespace pilothouse::app {

Result<std::string> readSmallFile(const std::string& path, std::int64_t most) {
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorKind::NotFound, "cannot be opened", path, file.errorString().toStdString());
    return file.read(most + 1).toStdString();
}

}  // namespace pilothouse::app
