// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/csv_reader.h"

#include <zstd.h>

#include <QFile>
#include <QFileInfo>

namespace pilothouse::pipelines {

namespace {

constexpr qint64 kPiece = 256 * 1024;
constexpr int kWindowLog = 27;  // 128 MiB
constexpr std::uint64_t kExpansionFrom = std::uint64_t{64} << 20;

std::string shortName(const std::string& path) {
    return QFileInfo(QString::fromStdString(path)).fileName().toStdString();
}

struct FreeStream {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

/// Unpacks pieces of a .zst (any number of frames) within bounds.
class Unpacker {
public:
    Unpacker(std::string name, const CsvOptions& options)
        : m_name(std::move(name)),
          m_options(options),
          m_stream(ZSTD_createDStream()),
          m_out(ZSTD_DStreamOutSize(), '\0') {
        ZSTD_DCtx_setParameter(m_stream.get(), ZSTD_d_windowLogMax, kWindowLog);
    }
    template <class Sink>
    Status feed(std::string_view piece, Sink&& sink) {
        m_packed += piece.size();
        ZSTD_inBuffer in{piece.data(), piece.size(), 0};
        bool more = true;
        while (in.pos < in.size || more) {
            ZSTD_outBuffer out{m_out.data(), m_out.size(), 0};
            const std::size_t left = ZSTD_decompressStream(m_stream.get(), &out, &in);
            if (ZSTD_isError(left))
                return fail(ErrorKind::InvalidInput, "the packed data (zstd) is damaged", m_name,
                            ZSTD_getErrorName(left));
            m_whole = left == 0;
            m_unpacked += out.pos;
            if (m_unpacked > m_options.maximumUnpackedBytes)
                return fail(ErrorKind::ResourceExhausted,
                            "unpacks to more than " + std::to_string(m_options.maximumUnpackedBytes >> 20) + " MiB",
                            m_name);
            if (m_unpacked > kExpansionFrom && m_unpacked / m_options.maximumExpansion > m_packed)
                return fail(ErrorKind::ResourceExhausted,
                            "unpacks to more than " + std::to_string(m_options.maximumExpansion) + " times its size",
                            m_name);
            if (out.pos > 0) PH_TRY(sink(std::string_view(m_out.data(), out.pos)));
            more = out.pos == out.size;  // the stream may hold more than the buffer took
        }
        return {};
    }
    [[nodiscard]] bool whole() const { return m_whole; }

private:
    std::string m_name;
    const CsvOptions& m_options;
    std::unique_ptr<ZSTD_DStream, FreeStream> m_stream;
    std::string m_out;
    std::uint64_t m_packed = 0, m_unpacked = 0;
    bool m_whole = false;
};

bool isZstd(const QByteArray& head) { return head.startsWith("\x28\xB5\x2F\xFD"); }

}  // namespace

Status readCsv(const std::string& path, const CsvOptions& options, const CancellationToken& token,
               const std::function<Status(ports::RowSet&&)>& sink) {
    QFile file(QString::fromStdString(path));
    if (!file.exists()) return fail(ErrorKind::NotFound, "there is no such file", path);
    if (QFileInfo(file).isDir()) return fail(Error::invalid("is a folder, not a file", path));
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorKind::PermissionDenied, "cannot be opened", path, file.errorString().toStdString());
    const bool packed = isZstd(file.peek(4));
    const std::string name = shortName(path);
    CsvParser parser(name, options, sink);
    Unpacker unpacker(name, options);
    QByteArray piece(kPiece, Qt::Uninitialized);
    for (;;) {
        PH_TRY(token.check());
        const qint64 got = file.read(piece.data(), piece.size());
        if (got < 0) return fail(ErrorKind::Unavailable, "cannot be read", path, file.errorString().toStdString());
        if (got == 0) break;
        const std::string_view bytes(piece.constData(), static_cast<std::size_t>(got));
        if (packed) {
            PH_TRY(unpacker.feed(bytes, [&](std::string_view text) { return parser.feed(text); }));
        } else {
            PH_TRY(parser.feed(bytes));
        }
    }
    if (packed && !unpacker.whole()) {
        PH_TRY(parser.abandon());
        return fail(ErrorKind::InvalidInput,
                    "the packed file (zstd) is truncated: it ends after " + std::to_string(parser.rows()) +
                        " whole rows, within a frame; copy or download it again",
                    name);
    }
    return parser.finish();
}

Result<ports::RowSet> readCsv(const std::string& path, const CsvOptions& options, const CancellationToken& token) {
    CsvOptions one = options;
    one.rowsPerPart = std::numeric_limits<std::size_t>::max();
    ports::RowSet all;
    PH_TRY(readCsv(path, one, token, [&](ports::RowSet&& part) -> Status {
        all = std::move(part);
        return {};
    }));
    return all;
}

}  // namespace pilothouse::pipelines
