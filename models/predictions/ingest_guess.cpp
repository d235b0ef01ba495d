// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/ingest_guess.h"

#include <algorithm>

#include "models/predictions/cloud_events.h"
#include "models/predictions/csv_rows.h"
#include "models/predictions/json_rows.h"

namespace pilothouse::predictions {

namespace {

constexpr std::size_t kSampleRows = 200, kSampleFields = 2'000;
constexpr std::string_view kMark = "\xef\xbb\xbf";

/// The sample's whole lines; its last one may be cut.
std::vector<std::string_view> linesOf(std::string_view sample) {
    std::vector<std::string_view> out;
    if (sample.starts_with(kMark)) sample.remove_prefix(kMark.size());
    while (!sample.empty() && out.size() < kSampleRows) {
        const std::size_t end = std::min(sample.find('\n'), sample.size());
        std::string_view line = sample.substr(0, end);
        sample.remove_prefix(std::min(end + 1, sample.size()));
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.find_first_not_of(" \t") != line.npos) out.push_back(line);
    }
    return out;
}

/// Not within a character of UTF-8.
std::string shortened(std::string_view value) {
    if (value.size() <= kShownBytes) return std::string(value);
    std::size_t end = kShownBytes;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80)
        --end;
    return std::string(value.substr(0, end)) + "…";
}

class Sample {
public:
    /// `code`: digits that are no number.
    void add(std::size_t row, std::string_view name, std::string_view value, bool number, bool code = false) {
        SampledField* const place = field(name);
        if (!place) return;
        if (row < kShownRows) {
            place->first.resize(row + 1);
            place->first[row] = shortened(value);
        }
        if (place->distinct.size() <= kMostClasses && !value.empty()) place->distinct.insert(shortened(value));
        ++place->values;
        if (code) return;
        if (number || parseNumberText(value)) ++place->numbers;
        if (parseTimeText(value, TimeUnit::Guess)) ++place->times;
    }
    /// Null when there are too many.
    [[nodiscard]] SampledField* field(std::string_view name) {
        const auto place = std::ranges::find(m_fields, name, &SampledField::name);
        if (place != m_fields.end()) return &*place;
        if (m_fields.size() >= kSampleFields) return nullptr;
        return &m_fields.emplace_back(SampledField{std::string(name), 0, 0, 0, {}, {}});
    }
    std::vector<SampledField> take() { return std::move(m_fields); }

private:
    std::vector<SampledField> m_fields;
};

std::vector<SampledField> jsonFields(std::string_view sample) {
    Sample out;
    std::vector<JsonLeaf> leaves;
    std::size_t row = 0;
    for (const std::string_view line : linesOf(sample)) {
        leaves.clear();
        if (!jsonLeaves(line, leaves)) continue;
        for (const JsonLeaf& leaf : leaves)
            out.add(row, leaf.name, leaf.value, leaf.number);
        ++row;
    }
    return out.take();
}

std::vector<SampledField> csvFields(std::string_view sample) {
    if (sample.starts_with(kMark)) sample.remove_prefix(kMark.size());
    Sample out;
    CsvRecordEnds ends;
    std::vector<std::string> header;
    std::vector<CsvField> fields;
    std::string buffer;
    std::size_t from = 0, records = 0;
    for (std::size_t at = 0; at <= sample.size() && records < kSampleRows; ++at) {
        // The last record counts where it is the only one; otherwise it may be cut.
        const bool last = at == sample.size();
        if (last ? records > 1 : !ends.ends(sample[at])) continue;
        std::string_view record = sample.substr(from, at - from);
        from = at + 1;
        if (!record.empty() && record.back() == '\r') record.remove_suffix(1);
        if (record.empty() || !splitCsvRecord(record, fields, buffer)) continue;
        if (records++ == 0) {
            for (const CsvField& field : fields) {
                header.emplace_back(field.text);
                static_cast<void>(out.field(field.text));  // also those that hold nothing yet
            }
            continue;
        }
        for (std::size_t i = 0; i < fields.size() && i < header.size(); ++i) {
            const std::string_view text = fields[i].text;
            // "007" is a code, not seven.
            const bool code = text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
            if (!text.empty()) out.add(records - 2, header[i], text, false, code);
        }
    }
    for (const std::string& name : header)
        if (records == 1) out.add(0, name, {}, false);
    return out.take();
}

std::vector<SampledField> fieldsOf(RowFormat format, std::string_view sample) {
    return format == RowFormat::Csv ? csvFields(sample) : jsonFields(sample);
}

}  // namespace

Result<std::string> readSample(ByteSource& source, const CancellationToken& token) {
    std::string sample(kSampleBytes, '\0');
    std::size_t used = 0;
    for (bool end = false; !end && used < sample.size();) {
        PH_TRY(token.check());
        PH_ASSIGN(const auto got, source.read(sample.data() + used, sample.size() - used));
        used += got.bytes;
        end = got.bytes == 0 && !got.idle;
    }
    sample.resize(used);
    return sample;
}

std::vector<SampledField> sampleFields(RowFormat format, std::string_view sample) {
    return format == RowFormat::CloudEvents ? std::vector<SampledField>() : fieldsOf(format, sample);
}

Result<RowFormat> guessFormat(std::string_view sample, const std::string& file) {
    const auto lines = linesOf(sample);
    if (lines.empty()) return fail(Error::invalid("holds no rows", file));
    for (const std::string_view line : lines) {
        const std::size_t first = line.find_first_not_of(" \t");
        if (line[first] == '{')
            return line.find("\"specversion\"") != line.npos && line.find("inference.re") != line.npos
                       ? RowFormat::CloudEvents
                       : RowFormat::JsonLines;
    }
    if (lines[0][lines[0].find_first_not_of(" \t")] == '[')
        return fail(Error::invalid("is one JSON array; write one object a line (jq -c '.[]')", file));
    if (sample.find('\0') != sample.npos)
        return fail(Error::invalid("is neither JSON lines nor CSV: it holds binary data", file));
    if (lines[0].find(',') == std::string_view::npos)
        return fail(Error::invalid("is neither JSON lines nor CSV: its first line has no comma and no brace", file));
    return RowFormat::Csv;
}

RowMapping guessFromSample(RowFormat format, std::string_view sample) {
    if (format == RowFormat::CloudEvents) return cloudEventMapping();
    return guessMapping(format, fieldsOf(format, sample));
}

Status checkMapping(const RowMapping& mapping, std::string_view sample, const std::string& file) {
    if (mapping.format == RowFormat::CloudEvents) return {};
    const auto lacking = [&](std::string_view column, const std::string& what) -> Status {
        if (mapping.fields.contains(std::string(column)) || mapping.constants.contains(std::string(column))) return {};
        std::string names;
        for (const SampledField& field : fieldsOf(mapping.format, sample)) {
            if (names.size() > 300) {
                names += ", …";
                break;
            }
            names += (names.empty() ? "" : ", ") + field.name;
        }
        return fail(Error{ErrorKind::InvalidInput, what, names.empty() ? "" : "its fields: " + names, file, false});
    };
    PH_TRY(lacking("time", "no field looks like the time of a row; name it in a mapping (--map)"));
    return lacking("model", "no field names the model; say it with --model, or in a mapping (--map)");
}

}  // namespace pilothouse::predictions
