// SPDX-License-Identifier: GPL-3.0-or-later
#include <charconv>
#include <cstring>
#include <limits>

#include "models/pipelines/csv_reader.h"

namespace pilothouse::pipelines {

namespace {

using ports::Column;
using ports::ColumnType;

constexpr std::string_view kMark = "\xEF\xBB\xBF";

/// Index of text by open addressing; a column of a part holds few distinct values, asked for often.
class Dictionary {
public:
    std::uint32_t code(std::string_view text, std::vector<std::string>& values) {
        if (values.size() * 2 >= m_slots.size()) grow(values);
        const std::size_t mask = m_slots.size() - 1;
        for (std::size_t i = hash(text) & mask;; i = (i + 1) & mask) {
            if (m_slots[i] == 0) {
                values.emplace_back(text);
                m_slots[i] = static_cast<std::uint32_t>(values.size());
                return m_slots[i] - 1;
            }
            if (values[m_slots[i] - 1] == text) return m_slots[i] - 1;
        }
    }
    void clear() { m_slots.clear(); }

private:
    static std::size_t hash(std::string_view text) { return std::hash<std::string_view>{}(text); }
    void grow(const std::vector<std::string>& values) {
        m_slots.assign(std::max<std::size_t>(64, m_slots.size() * 4), 0);
        const std::size_t mask = m_slots.size() - 1;
        for (std::size_t v = 0; v < values.size(); ++v) {
            std::size_t i = hash(values[v]) & mask;
            while (m_slots[i] != 0)
                i = (i + 1) & mask;
            m_slots[i] = static_cast<std::uint32_t>(v + 1);
        }
    }
    std::vector<std::uint32_t> m_slots;  ///< value index + 1; 0 is free
};

/// Well-formed UTF-8 (Unicode table 3-7: no overlong forms, no surrogates).
bool validUtf8(std::string_view text) {
    const auto* p = reinterpret_cast<const unsigned char*>(text.data());
    const auto* end = p + text.size();
    const auto tail = [&](int n) {
        for (int i = 1; i <= n; ++i)
            if (p + i >= end || (p[i] & 0xC0) != 0x80) return false;
        return true;
    };
    while (p < end) {
        if (*p < 0x80) {
            ++p;
        } else if (*p >= 0xC2 && *p <= 0xDF) {
            if (!tail(1)) return false;
            p += 2;
        } else if ((*p & 0xF0) == 0xE0) {
            if (!tail(2) || (*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F)) return false;
            p += 3;
        } else if (*p >= 0xF0 && *p <= 0xF4) {
            if (!tail(3) || (*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] > 0x8F)) return false;
            p += 4;
        } else {
            return false;
        }
    }
    return true;
}

bool isAscii(std::string_view text) {
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + i, 8);
        if (word & 0x8080808080808080ull) return false;
    }
    for (; i < text.size(); ++i)
        if (static_cast<unsigned char>(text[i]) & 0x80) return false;
    return true;
}

/// A field as it is shown in a message: short, and without what would spoil a terminal.
std::string shown(std::string_view text) {
    std::string out = "\"";
    for (const char c : text.substr(0, 40))
        out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    return out + (text.size() > 40 ? "…\"" : "\"");
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

}  // namespace

struct CsvParser::Private {
    std::string name;
    const CsvOptions& options;
    const std::function<Status(ports::RowSet&&)>& sink;

    std::string buffer;       ///< bytes of records that are not whole yet
    std::size_t scanned = 0;  ///< of the buffer, looked at for the record's end
    bool quotedNow = false;   ///< whether `scanned` lies within quotes
    bool first = true, header = true, anyPart = false;
    std::size_t line = 1;  ///< where the record in hand begins
    std::size_t rows = 0;
    ports::RowSet part;
    std::vector<Dictionary> dictionaries;
    std::vector<std::string_view> fields;
    std::string unescaped;  ///< the record's quoted fields without their quotes; never moves while views point to it

    Private(std::string n, const CsvOptions& o, const std::function<Status(ports::RowSet&&)>& s)
        : name(std::move(n)), options(o), sink(s) {}

    [[nodiscard]] Error error(const std::string& message, std::size_t atLine) const {
        return Error::invalid(message, name + ":" + std::to_string(atLine));
    }
    [[nodiscard]] Error error(const std::string& message) const { return error(message, line); }

    Status consume(bool last);
    Status record(std::string_view text);
    Status split(std::string_view text);
    Status quotedField(std::string_view text, std::size_t& position);
    Status readHeader();
    Status row();
    Status number(Column& column, std::string_view field);
    Status hand(bool evenIfNone);
};

CsvParser::CsvParser(std::string name, const CsvOptions& options, const std::function<Status(ports::RowSet&&)>& sink)
    : d(std::make_unique<Private>(std::move(name), options, sink)) {}
CsvParser::~CsvParser() = default;
std::size_t CsvParser::rows() const { return d->rows; }

Status CsvParser::feed(std::string_view bytes) {
    d->buffer.append(bytes);
    return d->consume(false);
}

Status CsvParser::finish() {
    PH_TRY(d->consume(true));
    if (d->header) return fail(Error::invalid("the file is empty: a line with the columns' names is missing", d->name));
    return d->hand(true);
}

Status CsvParser::abandon() { return d->header ? Status{} : d->hand(false); }

/// Takes whole records off the buffer's front.
Status CsvParser::Private::consume(bool last) {
    std::size_t begin = 0;
    if (first && (buffer.size() >= kMark.size() || last)) {
        first = false;
        if (std::string_view(buffer).starts_with(kMark)) begin = scanned = kMark.size();
    }
    if (first) return {};
    const std::string_view all = buffer;
    while (scanned < all.size()) {
        const auto* found = static_cast<const char*>(std::memchr(all.data() + scanned, '\n', all.size() - scanned));
        const std::size_t end = found ? static_cast<std::size_t>(found - all.data()) : all.size();
        // A line break ends the record unless an odd number of quotes stands before it.
        const char* p = all.data() + scanned;
        const char* stop = all.data() + end;
        while ((p = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(stop - p)))) != nullptr) {
            quotedNow = !quotedNow;
            ++p;
        }
        if (end - begin > options.maximumLineBytes)
            return fail(error("a record of more than " + std::to_string(options.maximumLineBytes) + " bytes" +
                              (quotedNow ? " (a quote is not closed)" : "")));
        if (!found) {
            scanned = all.size();
            break;
        }
        scanned = end + 1;
        if (quotedNow) continue;
        PH_TRY(record(all.substr(begin, end - begin)));
        begin = scanned;
    }
    if (last && begin < all.size()) {
        if (quotedNow) return fail(error("a quote is not closed before the end of the file"));
        PH_TRY(record(all.substr(begin)));
        begin = all.size();
    }
    buffer.erase(0, begin);
    scanned -= begin;
    return {};
}

Status CsvParser::Private::record(std::string_view text) {
    const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (!text.empty()) {
        if (std::memchr(text.data(), 0, text.size())) return fail(error("a NUL byte; the file is not text"));
        PH_TRY(split(text));
        if (header) {
            PH_TRY(readHeader());
        } else {
            PH_TRY(row());
        }
    }
    line += lines;
    return {};
}

Status CsvParser::Private::split(std::string_view text) {
    fields.clear();
    unescaped.clear();
    unescaped.reserve(text.size());
    const bool anyQuote = std::memchr(text.data(), '"', text.size()) != nullptr;
    std::size_t position = 0;
    for (;;) {
        if (anyQuote && position < text.size() && text[position] == '"') {
            PH_TRY(quotedField(text, position));
        } else {
            const auto* comma =
                position < text.size()
                    ? static_cast<const char*>(std::memchr(text.data() + position, ',', text.size() - position))
                    : nullptr;
            const std::size_t end = comma ? static_cast<std::size_t>(comma - text.data()) : text.size();
            const std::string_view field = text.substr(position, end - position);
            if (anyQuote && field.find('"') != std::string_view::npos)
                return fail(error("field " + std::to_string(fields.size() + 1) +
                                  ": a quote inside a field that does not begin with one"));
            fields.push_back(field);
            position = end;
        }
        if (fields.size() > options.maximumColumns)
            return fail(error("more than " + std::to_string(options.maximumColumns) + " fields"));
        if (position >= text.size()) break;
        ++position;  // the comma
    }
    if (!isAscii(text)) {
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (!validUtf8(fields[i]))
                return fail(error((header                    ? "field " + std::to_string(i + 1)
                                   : i < part.columns.size() ? part.columns[i].name
                                                             : "field " + std::to_string(i + 1)) +
                                  ": the text is not valid UTF-8"));
    }
    return {};
}

Status CsvParser::Private::quotedField(std::string_view text, std::size_t& position) {
    const std::size_t start = unescaped.size();
    ++position;
    for (;;) {
        const std::size_t quote = text.find('"', position);
        if (quote == std::string_view::npos) return fail(error("a quote is not closed"));
        unescaped.append(text.substr(position, quote - position));
        position = quote + 1;
        if (position < text.size() && text[position] == '"') {
            unescaped += '"';
            ++position;
            continue;
        }
        break;
    }
    if (position < text.size() && text[position] != ',')
        return fail(error("field " + std::to_string(fields.size() + 1) + ": text after the closing quote"));
    fields.push_back(std::string_view(unescaped).substr(start));
    return {};
}

Status CsvParser::Private::readHeader() {
    header = false;
    for (const std::string_view field : fields) {
        const std::string column(trimmed(field));
        if (column.empty()) return fail(error("column " + std::to_string(part.columns.size() + 1) + " has no name"));
        if (part.find(column)) return fail(error("two columns are named " + shown(column)));
        Column made;
        made.name = column;
        const auto type = options.types.find(column);
        made.type = type == options.types.end() ? ColumnType::Text : type->second;
        part.columns.push_back(std::move(made));
    }
    for (const auto& [column, type] : options.types)
        if (!part.find(column)) {
            std::string there;
            for (const Column& c : part.columns)
                there += (there.empty() ? "" : ", ") + c.name;
            return fail(error("the column " + shown(column) + " is missing; there are: " + there.substr(0, 600)));
        }
    dictionaries.resize(part.columns.size());
    return {};
}

Status CsvParser::Private::row() {
    if (fields.size() != part.columns.size())
        return fail(error(std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") +
                          ", the header has " + std::to_string(part.columns.size())));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        Column& column = part.columns[i];
        const std::string_view field = fields[i];
        switch (column.type) {
            case ColumnType::Number:
                PH_TRY(number(column, field));
                break;
            case ColumnType::Text:
                column.codes.push_back(field.empty() ? Column::kMissingCode
                                                     : dictionaries[i].code(field, column.dictionary));
                break;
            case ColumnType::Time: {
                if (field.empty()) {
                    column.times.push_back(kTimestampMin.ns);
                    break;
                }
                const auto time = Timestamp::parseIso(field);
                if (!time)
                    return fail(
                        error(column.name + ": " + shown(field) + " is not a time (as in 2013-01-31T17:05:00Z)"));
                column.times.push_back(time->ns);
                break;
            }
        }
    }
    ++part.rows;
    ++rows;
    return part.rows >= options.rowsPerPart ? hand(false) : Status{};
}

Status CsvParser::Private::number(Column& column, std::string_view field) {
    if (field.empty()) {
        column.numbers.push_back(std::numeric_limits<double>::quiet_NaN());
        return {};
    }
    const std::string_view text = trimmed(field);
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    // from_chars also reads "nan" and "inf": words of other programs for what is missing or broken here.
    if (code == std::errc::result_out_of_range)
        return fail(error(column.name + ": " + shown(field) + " is beyond the range of a number"));
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return fail(error(column.name + ": " + shown(field) + " is not a number"));
    column.numbers.push_back(value);
    return {};
}

Status CsvParser::Private::hand(bool evenIfNone) {
    if (part.rows == 0 && !(evenIfNone && !anyPart)) return {};
    anyPart = true;
    ports::RowSet next;
    for (const Column& column : part.columns) {
        Column made;
        made.name = column.name;
        made.type = column.type;
        next.columns.push_back(std::move(made));
    }
    for (Dictionary& dictionary : dictionaries)
        dictionary.clear();
    std::swap(next, part);
    return sink(std::move(next));
}

}  // namespace pilothouse::pipelines
