// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/byte_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace pilothouse::predictions {

namespace {

constexpr std::size_t kInputBytes = 1 << 20;
constexpr std::uint64_t kFreeBytes = 64 << 20, kMaxExpansion = 1'000;
constexpr int kMaxWindowLog = 27;
constexpr int kWaitMs = 200;

enum class Packing { Unknown, Plain, Gzip, Zstd };

Error systemError(const std::string& path, const char* what, int number) {
    const ErrorKind kind = number == ENOENT                      ? ErrorKind::NotFound
                           : number == EACCES || number == EPERM ? ErrorKind::PermissionDenied
                                                                 : ErrorKind::Unavailable;
    return {kind, what, std::strerror(number), path, false};
}

}  // namespace

struct ByteSource::Private {
    std::string path;
    int fd = -1;
    bool pipe = false;
    Packing packing = Packing::Unknown;
    std::vector<char> input;
    std::size_t inputFrom = 0, inputTo = 0;
    std::uint64_t sourceBytes = 0, unpackedBytes = 0;
    bool insideFrame = false;
    z_stream gzip{};
    bool gzipOpen = false;
    ZSTD_DCtx* zstd = nullptr;

    ~Private() {
        if (gzipOpen) inflateEnd(&gzip);
        ZSTD_freeDCtx(zstd);
        if (fd > 0) ::close(fd);
    }
    [[nodiscard]] std::string name() const { return path == "-" ? "standard input" : path; }
    [[nodiscard]] Error damaged(const std::string& what) const {
        return {ErrorKind::Corrupt,
                what + " at byte " + std::to_string(sourceBytes - (inputTo - inputFrom)),
                {},
                name(),
                false};
    }

    Result<Read> readRaw(char* to, std::size_t capacity) {
        if (pipe) {
            pollfd wait{fd, POLLIN, 0};
            const int ready = ::poll(&wait, 1, kWaitMs);
            if (ready == 0 || (ready < 0 && errno == EINTR)) return Read{0, true};
        }
        for (;;) {
            const ssize_t n = ::read(fd, to, capacity);
            if (n >= 0) {
                sourceBytes += static_cast<std::uint64_t>(n);
                return Read{static_cast<std::size_t>(n), false};
            }
            if (errno == EAGAIN) return Read{0, true};
            if (errno != EINTR) return fail(systemError(name(), "cannot be read", errno));
        }
    }
    /// Sees to it that there is input, if there is any.
    Result<Read> fill() {
        if (inputFrom < inputTo) return Read{inputTo - inputFrom, false};
        input.resize(kInputBytes);
        PH_ASSIGN(const Read got, readRaw(input.data(), input.size()));
        inputFrom = 0;
        inputTo = got.bytes;
        return got;
    }
    Result<bool> detect();
    Result<Read> unpack(char* to, std::size_t capacity);
    Status gzipStep(char* to, std::size_t capacity, std::size_t& made);
    Status zstdStep(char* to, std::size_t capacity, std::size_t& made);
};

/// False while a pipe has sent too little to tell.
Result<bool> ByteSource::Private::detect() {
    input.resize(kInputBytes);
    while (inputTo < 4) {
        PH_ASSIGN(const Read got, readRaw(input.data() + inputTo, input.size() - inputTo));
        if (got.idle) return false;
        if (got.bytes == 0) break;
        inputTo += got.bytes;
    }
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(input[i]); };
    if (inputTo >= 2 && byte(0) == 0x1f && byte(1) == 0x8b)
        packing = Packing::Gzip;
    else if (inputTo >= 4 && ((byte(0) == 0x28 && byte(1) == 0xb5 && byte(2) == 0x2f && byte(3) == 0xfd) ||
                              ((byte(0) & 0xf0) == 0x50 && byte(1) == 0x2a && byte(2) == 0x4d && byte(3) == 0x18)))
        packing = Packing::Zstd;
    else if (inputTo > 0)
        packing = Packing::Plain;
    if (packing == Packing::Gzip) {
        if (inflateInit2(&gzip, 15 + 16) != Z_OK) return fail(Error::internal("zlib cannot start"));
        gzipOpen = true;
    } else if (packing == Packing::Zstd) {
        zstd = ZSTD_createDCtx();
        if (!zstd) return fail(Error::internal("zstd cannot start"));
        ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, kMaxWindowLog);
    }
    return true;
}

Status ByteSource::Private::gzipStep(char* to, std::size_t capacity, std::size_t& made) {
    if (!insideFrame) {
        // Members lie end to end; tape blocks are filled up with zeros.
        while (unpackedBytes > 0 && inputFrom < inputTo && input[inputFrom] == 0)
            ++inputFrom;
        if (inputFrom == inputTo) return {};
        inflateReset(&gzip);
        insideFrame = true;
    }
    gzip.next_in = reinterpret_cast<Bytef*>(input.data() + inputFrom);
    gzip.avail_in = static_cast<uInt>(inputTo - inputFrom);
    gzip.next_out = reinterpret_cast<Bytef*>(to);
    gzip.avail_out = static_cast<uInt>(std::min<std::size_t>(capacity, 1 << 30));
    const uInt room = gzip.avail_out;
    const int code = inflate(&gzip, Z_NO_FLUSH);
    made = room - gzip.avail_out;
    inputFrom = inputTo - gzip.avail_in;
    if (code == Z_STREAM_END)
        insideFrame = false;
    else if (code != Z_OK && code != Z_BUF_ERROR)
        return fail(damaged("the gzip data is damaged"));
    return {};
}

Status ByteSource::Private::zstdStep(char* to, std::size_t capacity, std::size_t& made) {
    ZSTD_inBuffer in{input.data() + inputFrom, inputTo - inputFrom, 0};
    ZSTD_outBuffer out{to, capacity, 0};
    const std::size_t code = ZSTD_decompressStream(zstd, &out, &in);
    made = out.pos;
    inputFrom += in.pos;
    if (ZSTD_isError(code)) {
        Error error = damaged("the zstd data cannot be unpacked");
        error.detail = ZSTD_getErrorName(code);
        return fail(std::move(error));
    }
    insideFrame = code != 0;
    return {};
}

Result<ByteSource::Read> ByteSource::Private::unpack(char* to, std::size_t capacity) {
    for (;;) {
        // What the unpacker holds back comes out with empty input, too.
        std::size_t made = 0;
        if (inputFrom == inputTo) {
            PH_ASSIGN(const Read got, fill());
            if (got.bytes == 0) {
                if (got.idle || !insideFrame) return got;
                if (packing == Packing::Zstd) PH_TRY(zstdStep(to, capacity, made));
                if (made == 0) return fail(damaged("the file is cut short: its packed data ends in the middle,"));
                unpackedBytes += made;
                return Read{made, false};
            }
        }
        PH_TRY(packing == Packing::Gzip ? gzipStep(to, capacity, made) : zstdStep(to, capacity, made));
        unpackedBytes += made;
        if (unpackedBytes > kFreeBytes && unpackedBytes / kMaxExpansion > sourceBytes)
            return fail(damaged("unpacks to more than 1,000 times its size, which no log does,"));
        if (made > 0) return Read{made, false};
    }
}

ByteSource::ByteSource(std::unique_ptr<Private> p) : d(std::move(p)) {}
ByteSource::~ByteSource() = default;

Result<std::unique_ptr<ByteSource>> ByteSource::open(const std::string& path) {
    auto p = std::make_unique<Private>();
    p->path = path;
    p->fd = path == "-" ? 0 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (p->fd < 0) return fail(systemError(path, "cannot be opened", errno));
    struct stat info {};
    if (::fstat(p->fd, &info) != 0) return fail(systemError(p->name(), "cannot be read", errno));
    if (S_ISDIR(info.st_mode)) return fail(Error::invalid("is a folder; name the files in it", path));
    p->pipe = !S_ISREG(info.st_mode);
    if (p->pipe && !S_ISFIFO(info.st_mode) && !S_ISSOCK(info.st_mode) && !S_ISCHR(info.st_mode))
        return fail(Error::invalid("is no file", path));
    return std::unique_ptr<ByteSource>(new ByteSource(std::move(p)));
}

Result<ByteSource::Read> ByteSource::read(char* to, std::size_t capacity) {
    if (d->packing == Packing::Unknown) {
        PH_ASSIGN(const bool told, d->detect());
        if (!told) return Read{0, true};
        if (d->packing == Packing::Unknown) return Read{};  // empty
    }
    if (d->packing != Packing::Plain) return d->unpack(to, capacity);
    if (d->inputFrom < d->inputTo) {
        const std::size_t n = std::min(capacity, d->inputTo - d->inputFrom);
        std::memcpy(to, d->input.data() + d->inputFrom, n);
        d->inputFrom += n;
        return Read{n, false};
    }
    return d->readRaw(to, capacity);
}

Status ByteSource::skip(std::uint64_t bytes, const CancellationToken& token) {
    std::vector<char> buffer(kInputBytes);
    while (bytes > 0) {
        PH_TRY(token.check());
        if (d->packing == Packing::Plain && regular() && d->inputFrom == d->inputTo) {
            if (::lseek(d->fd, static_cast<off_t>(bytes), SEEK_CUR) < 0)
                return fail(systemError(d->name(), "cannot be read", errno));
            d->sourceBytes += bytes;
            return {};
        }
        PH_ASSIGN(const Read got,
                  read(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer.size()))));
        if (got.bytes == 0 && !got.idle) return fail(d->damaged("became shorter while it was read,"));
        bytes -= got.bytes;
    }
    return {};
}

bool ByteSource::packed() const { return d->packing == Packing::Gzip || d->packing == Packing::Zstd; }
bool ByteSource::regular() const { return !d->pipe; }
std::uint64_t ByteSource::sourceBytes() const { return d->sourceBytes; }

std::uint64_t ByteSource::fileSize() const {
    struct stat info {};
    return d->pipe || ::fstat(d->fd, &info) != 0 ? 0 : static_cast<std::uint64_t>(info.st_size);
}

bool ByteSource::replaced() const {
    if (d->pipe) return false;
    struct stat open {
    }, named{};
    if (::fstat(d->fd, &open) != 0) return true;
    if (static_cast<std::uint64_t>(open.st_size) < d->sourceBytes) return true;
    if (::stat(d->path.c_str(), &named) != 0) return false;  // moved away, and the new one is not there yet
    return named.st_dev != open.st_dev || named.st_ino != open.st_ino;
}

}  // namespace pilothouse::predictions
