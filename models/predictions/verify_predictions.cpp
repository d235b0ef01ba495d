// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/verify_predictions.h"

#include <xxhash.h>

#include "models/predictions/log_reader.h"

namespace pilothouse::predictions {

using workspace::Database;
using workspace::Problem;

namespace {

class Verifier {
public:
    explicit Verifier(LogReader& reader) : m_reader(reader) {}

    Result<std::vector<Problem>> run() {
        std::int64_t next = std::numeric_limits<std::int64_t>::min();
        for (const Part& part : m_reader.parts()) {
            if (part.firstOrdinal < next) m_problems.push_back({"overlaps the rows before it", part.name()});
            next = part.firstOrdinal + static_cast<std::int64_t>(part.rows);
            PH_TRY(checkPart(part));
        }
        PH_TRY(checkFields());
        // An index of its own: what the process holds in memory is not what lies in the file.
        TruthIndex truth;
        const auto loaded = truth.refresh(m_reader.database());
        if (!loaded) PH_TRY(note(loaded.error(), "ground truth"));
        return std::move(m_problems);
    }

private:
    /// Damage is a problem of the file; anything else (a lock, a cancellation) ends the check.
    Status note(const Error& error, const std::string& where) {
        if (error.kind != ErrorKind::Corrupt) return fail(error);
        m_problems.push_back({error.message, where});
        return {};
    }

    Status checkPart(const Part& part) {
        const auto directory = part.segment ? m_reader.readHeaders(part) : m_reader.readDirectory(part);
        if (!directory) return note(directory.error(), part.name());
        for (const PartColumn& column : (*directory)->columns)
            PH_TRY(checkColumn(part, column));
        if (!part.segment) return {};
        if (const auto copy = m_reader.readCopy(part); !copy) PH_TRY(note(copy.error(), part.name()));
        return checkSegment(part);
    }

    /// A column that no field names cannot be asked for.
    Status checkFields() {
        for (const auto& [column, part] : m_columns)
            if (!m_reader.field(column))
                m_problems.push_back({"holds a column \"" + column + "\" that no field names", part});
        return {};
    }

    Status checkColumn(const Part& part, const PartColumn& column) {
        m_columns.try_emplace(column.name, part.name());
        const std::string where = part.name() + ", column \"" + column.name + "\"";
        if (const auto words = m_reader.readWords(part, column); !words) PH_TRY(note(words.error(), where));
        for (std::size_t b = 0; b < column.header.blocks.size(); ++b) {
            const auto block = m_reader.readBlock(part, column, b);
            if (!block) return note(block.error(), where);
            std::size_t missing = 0;
            bool inside = true;
            for (std::size_t i = 0; i < block->rows(); ++i) {
                missing += block->missing(i) ? 1 : 0;
                if (column.name == ports::field::time && block->type == ports::ColumnType::Time)
                    inside &= block->times[i] >= part.firstTime && block->times[i] <= part.lastTime;
            }
            if (missing != column.header.blocks[b].missing || !inside)
                m_problems.push_back({"its bounds are not those of its rows", where});
        }
        return {};
    }

    /// The segment's checksum covers its id index and what its columns say of themselves.
    Status checkSegment(const Part& part) {
        PH_ASSIGN(auto row, m_reader.database().prepare("SELECT ids FROM prediction_segment WHERE id = ?1"));
        row.bindAll(part.id);
        PH_ASSIGN(const bool there, row.step());
        const ByteView ids = there ? row.blob(0) : ByteView{};
        if (const auto index = IdIndex::decode(ids, part.rows); !index) PH_TRY(note(index.error(), part.name()));
        Bytes root(ids.begin(), ids.end());
        ByteWriter writer(root);
        PH_ASSIGN(auto columns,
                  m_reader.database().prepare(
                      "SELECT name, header FROM prediction_column WHERE segment = ?1 ORDER BY name, type"));
        columns.bindAll(part.id);
        for (;;) {
            PH_ASSIGN(const bool more, columns.step());
            if (!more) break;
            writer.put(columns.view(0));
            writer.put(columns.blob(1));
        }
        if (XXH3_64bits(root.data(), root.size()) != part.checksum)
            m_problems.push_back({"its columns are not those it was sealed with", part.name()});
        return {};
    }

    LogReader& m_reader;
    std::vector<Problem> m_problems;
    std::map<std::string, std::string> m_columns;  ///< name → the first part that holds it
};

}  // namespace

Result<std::vector<FieldConflict>> fieldConflicts(Database& database) {
    PH_ASSIGN(auto rows, database.prepare(
                             "SELECT name, types, conflicts FROM prediction_field WHERE conflicts > 0 ORDER BY name"));
    std::vector<FieldConflict> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        FieldConflict conflict{rows.text(0), {}, rows.integer(2)};
        constexpr std::array kNames{"number", "text", "time"};  // by ColumnType
        for (std::size_t type = 0; type < kNames.size(); ++type)
            if (rows.integer(1) & (std::int64_t{1} << type)) conflict.types.emplace_back(kNames[type]);
        out.push_back(std::move(conflict));
    }
}

Result<std::vector<Problem>> verifyPredictions(Database& database) {
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    return Verifier(reader).run();
}

}  // namespace pilothouse::predictions
