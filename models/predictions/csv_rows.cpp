// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/csv_rows.h"

#include <simdjson.h>

#include "models/predictions/ingest_mapping.h"

namespace pilothouse::predictions {

namespace {

constexpr std::size_t kMostColumns = 10'000;

/// A quoted field from its opening quote on; moves `at` behind the closing one.
bool takeQuoted(std::string_view record, std::size_t& at, std::string_view& text, std::string& buffer) {
    const std::size_t begin = ++at, bufferBegin = buffer.size();
    bool undone = false;
    for (;; ++at) {
        if (at >= record.size()) return false;
        if (record[at] != '"') {
            if (undone) buffer.push_back(record[at]);
            continue;
        }
        if (at + 1 >= record.size() || record[at + 1] != '"') break;
        if (!undone) buffer.append(record.substr(begin, at - begin));
        undone = true;
        buffer.push_back('"');
        ++at;
    }
    text = undone ? std::string_view(buffer).substr(bufferBegin) : record.substr(begin, at - begin);
    ++at;
    return at == record.size() || record[at] == ',';
}

}  // namespace

bool splitCsvRecord(std::string_view record, std::vector<CsvField>& fields, std::string& buffer) {
    fields.clear();
    buffer.clear();
    buffer.reserve(record.size());  // views into it stay valid
    for (std::size_t at = 0;; ++at) {
        CsvField field;
        if (at < record.size() && record[at] == '"') {
            field.quoted = true;
            if (!takeQuoted(record, at, field.text, buffer)) return false;
        } else {
            const std::size_t end = std::min(record.find(',', at), record.size());
            field.text = record.substr(at, end - at);
            at = end;
        }
        fields.push_back(field);
        if (at >= record.size()) return true;
    }
}

Result<std::vector<std::string>> csvHeader(const std::optional<std::string>& record, const std::string& file) {
    if (!record) return fail(Error::invalid("the header is longer than 16 MiB", file + ":1"));
    std::vector<CsvField> fields;
    std::string buffer;
    if (!splitCsvRecord(*record, fields, buffer))
        return fail(Error::invalid("the header's quotes do not match", file + ":1"));
    if (fields.size() > kMostColumns)
        return fail(Error::invalid("the header has more than 10,000 columns", file + ":1"));
    std::vector<std::string> names;
    for (const CsvField& field : fields)
        names.emplace_back(field.text);
    return names;
}

CsvRowReader::CsvRowReader(RowSink& sink, const std::vector<std::string>& columns) : m_sink(sink) {
    for (const std::string& name : columns)
        m_slots.push_back(sink.slotOf(name));
}

void CsvRowReader::read(const RowPlace& place, std::string_view record) {
    if (!simdjson::validate_utf8(record.data(), record.size())) {
        m_sink.reject("not UTF-8");
    } else if (!splitCsvRecord(record, m_fields, m_buffer)) {
        m_sink.reject("quotes do not match");
    } else if (m_fields.size() != m_slots.size()) {
        m_sink.reject("not as many fields as the header",
                      std::to_string(m_fields.size()) + " fields, the header has " + std::to_string(m_slots.size()));
    } else {
        for (std::size_t i = 0; i < m_fields.size(); ++i) {
            const CsvField& field = m_fields[i];
            if (field.text.empty() && !field.quoted) continue;
            if (!m_sink.wantsText(m_slots[i])) {
                if (const auto number = parseNumberText(field.text)) {
                    m_sink.setNumber(m_slots[i], *number);
                    continue;
                }
            }
            m_sink.setText(m_slots[i], field.text);
        }
    }
    m_sink.finishRow(place, record);
}

}  // namespace pilothouse::predictions
