// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

namespace pilothouse::workspace::files {

namespace {

constexpr std::uint64_t kFuse = 0x65735546;

struct NetworkType {
    std::uint64_t type;
    const char* name;
};
// The magic numbers of linux/magic.h and of the file systems' own sources.
constexpr std::array kNetworkTypes{
    NetworkType{0x6969, "NFS"},        NetworkType{0x517B, "SMB"},      NetworkType{0xFF534D42, "CIFS"},
    NetworkType{0xFE534D42, "SMB"},    NetworkType{0x5346414F, "AFS"},  NetworkType{0x6B414653, "AFS"},
    NetworkType{0x73757245, "Coda"},   NetworkType{0x564C, "NCP"},      NetworkType{0x00C36400, "Ceph"},
    NetworkType{0x0BD00BD0, "Lustre"}, NetworkType{0x47504653, "GPFS"}, NetworkType{0x19830326, "BeeGFS"},
};
constexpr std::array kNetworkFuse{"sshfs",  "glusterfs", "s3fs",   "rclone", "davfs", "davfs2", "curlftpfs", "gcsfuse",
                                  "goofys", "smbnetfs",  "cephfs", "ceph",   "nfs",   "mfs",    "juicefs"};

class Descriptor {
public:
    Descriptor(const std::string& path, int flags, mode_t mode = 0)
        : m_fd(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (m_fd >= 0) ::close(m_fd);
    }
    [[nodiscard]] int get() const { return m_fd; }
    [[nodiscard]] bool valid() const { return m_fd >= 0; }

private:
    int m_fd;
};

Status sync(const std::string& path, int flags) {
    const Descriptor file(path, flags);
    if (!file.valid()) return fail(systemError(errno, "cannot be opened", path));
    // Some file systems cannot sync a folder (EINVAL); they have no rename to lose then.
    if (::fsync(file.get()) != 0 && errno != EINVAL) return fail(systemError(errno, "cannot be written to disk", path));
    return {};
}

Status writeAll(const std::string& path, std::span<const std::uint8_t> bytes) {
    const Descriptor file(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (!file.valid()) return fail(systemError(errno, "cannot be created", path));
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(systemError(errno, "cannot be written", path));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0) return fail(systemError(errno, "cannot be written to disk", path));
    return {};
}

/// mountinfo writes blank, tab, newline and backslash as \ooo.
std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octal = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
        if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
            out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace

std::string absolutePath(const std::string& path) {
    std::error_code ignored;  // only the current folder being gone: then the path as it came
    const auto absolute = std::filesystem::absolute(path, ignored);
    return ignored ? path : absolute.lexically_normal().string();
}

std::string folderOf(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

Error systemError(int code, const std::string& doing, const std::string& path) {
    Error error{ErrorKind::Unavailable, doing, std::strerror(code), path, false};
    switch (code) {
        case ENOENT:
            error.kind = ErrorKind::NotFound;
            break;
        case EEXIST:
            error.kind = ErrorKind::AlreadyExists;
            break;
        case EACCES:
        case EPERM:
        case EROFS:
            error.kind = ErrorKind::PermissionDenied;
            break;
        case ENOSPC:
        case EDQUOT:
            error.kind = ErrorKind::ResourceExhausted;
            error.message = "the disk is full";
            error.retryable = true;
            break;
        default:
            break;
    }
    return error;
}

Status checkRegularFile(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return fail(ErrorKind::NotFound, "there is no such file", path);
        return fail(systemError(errno, "the file cannot be read", path));
    }
    if (S_ISDIR(info.st_mode)) return fail(Error::invalid("a folder, not a workspace file", path));
    if (!S_ISREG(info.st_mode)) return fail(Error::invalid("a device or a pipe, not a workspace file", path));
    return {};
}

std::string networkFileSystem(std::uint64_t type, std::string_view fuseSubtype) {
    for (const NetworkType& known : kNetworkTypes)
        if (known.type == (type & 0xFFFFFFFF)) return known.name;
    if ((type & 0xFFFFFFFF) != kFuse) return {};
    const std::string_view name = fuseSubtype.substr(std::min(fuseSubtype.size(), fuseSubtype.find('.') + 1));
    for (const char* known : kNetworkFuse)
        if (name == known) return std::string(name);
    return {};
}

std::string mountType(std::string_view mountinfo, std::string_view path) {
    std::string best, type;
    std::istringstream lines{std::string(mountinfo)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);  // proc(5): id parent device root point options [tags…] - type source options
        std::string skip, point, field;
        fields >> skip >> skip >> skip >> skip >> point;
        while (fields >> field && field != "-") {
        }
        if (!(fields >> field)) continue;
        point = unescape(point);
        const bool inside = point == "/" || path == point ||
                            (path.starts_with(point) && path.size() > point.size() && path[point.size()] == '/');
        if (inside && point.size() >= best.size()) {  // a later mount on the same point hides the earlier one
            best = point;
            type = field;
        }
    }
    return type;
}

Status checkLocal(const std::string& path) {
    struct statfs info {};
    if (::statfs(path.c_str(), &info) != 0) return fail(systemError(errno, "the file cannot be read", path));
    const auto type = static_cast<std::uint64_t>(info.f_type);
    std::string subtype;
    if ((type & 0xFFFFFFFF) == kFuse) {
        std::ifstream mounts("/proc/self/mountinfo");
        const std::string text{std::istreambuf_iterator<char>(mounts), {}};
        std::error_code ignored;
        const auto real = std::filesystem::canonical(path, ignored);
        subtype = mountType(text, ignored ? path : real.string());
    }
    const std::string network = networkFileSystem(type, subtype);
    if (network.empty()) return {};
    return fail(ErrorKind::Unsupported,
                "lies on a network file system (" + network +
                    "), where SQLite's write-ahead log does not work; keep the workspace on a local disk",
                path);
}

Status syncFile(const std::string& path) { return sync(path, O_RDONLY); }
Status syncFolder(const std::string& path) { return sync(path, O_RDONLY | O_DIRECTORY); }

std::string temporaryName(const std::string& path) {
    static std::atomic<unsigned> counter{0};
    std::array<char, 64> suffix{};
    std::snprintf(suffix.data(), suffix.size(), ".%d-%u-%08x.part", static_cast<int>(::getpid()), counter++,
                  std::random_device{}());
    return path + suffix.data();
}

Status renameDurably(const std::string& from, const std::string& to, bool replace) {
    int code =
        ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), replace ? 0 : RENAME_NOREPLACE) == 0 ? 0 : errno;
    if (code == EINVAL && !replace) {  // the file system has no such rename: look first
        if (::access(to.c_str(), F_OK) == 0)
            code = EEXIST;
        else
            code = ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
    }
    if (code == EEXIST) return fail(ErrorKind::AlreadyExists, "the file exists already", to);
    if (code != 0) return fail(systemError(code, "cannot be renamed into place", to));
    return syncFolder(folderOf(to));
}

Status writeDurably(const std::string& path, std::span<const std::uint8_t> bytes) {
    const std::string temporary = temporaryName(path);
    Status status = writeAll(temporary, bytes);
    if (status) status = renameDurably(temporary, path, true);
    if (!status) {
        ::unlink(temporary.c_str());
        status.error().source = path;
    }
    return status;
}

Status makeFolders(const std::string& path) {
    if (::access(path.c_str(), F_OK) == 0) return {};
    const std::string parent = folderOf(path);
    if (parent != path) PH_TRY(makeFolders(parent));
    if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
        return fail(systemError(errno, "the folder cannot be created", path));
    return syncFolder(parent);
}

}  // namespace pilothouse::workspace::files
