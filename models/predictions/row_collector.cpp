// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/row_collector.h"

#include <xxhash.h>

#include <QByteArray>
#include <QCryptographicHash>
#include <QMessageAuthenticationCode>
#include <algorithm>
#include <charconv>

namespace pilothouse::predictions {

using ports::ColumnType;

namespace {

constexpr std::size_t kMaxSlots = 20'000;
// Of one part of a file; the rest is counted.
constexpr std::size_t kKeptRows = 2'000, kKeptBytes = 8 << 20;

std::string shortened(std::string_view text) {
    std::string out(text.substr(0, 80));
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    // A cut within a character must not leave half of it.
    while (text.size() > 80 && !out.empty() && (static_cast<unsigned char>(out.back()) & 0x80) != 0)
        out.pop_back();
    return text.size() > 80 ? out + "…" : out;
}

std::string valueDetail(const std::string& field, std::string_view value) {
    return field + ": \"" + shortened(value) + "\"";
}

std::string numberText(double value) {
    std::array<char, 40> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return error == std::errc{} ? std::string(buffer.data(), end) : std::string();
}

/// The number of a text, where yes and no count as 1 and 0.
std::optional<double> truthNumber(std::string_view text) {
    if (text == "true" || text == "True" || text == "yes") return 1;
    if (text == "false" || text == "False" || text == "no") return 0;
    return parseNumberText(text);
}

/// The place of a class in the mapping's list.
std::optional<double> classNumber(std::string_view text, const std::vector<std::string>& classes) {
    const auto place = std::ranges::find(classes, text);
    if (place == classes.end()) return {};
    return static_cast<double>(place - classes.begin());
}

}  // namespace

bool FieldBudget::admit(const std::string& name) {
    const std::lock_guard lock(m_mutex);
    if (m_names.contains(name)) return true;
    if (m_names.size() >= kMaxFeatures) return false;
    m_names.insert(name);
    return true;
}

RowCollector::RowCollector(const Settings& settings) : m_settings(settings) {
    m_roles.fill(kNoRoom);
    m_request = &m_targets[std::string(ports::field::requestId)];
    for (const auto& [column, value] : settings.mapping->constants)
        m_constants.push_back({column, value, &m_targets[column]});
}

std::uint32_t RowCollector::slotOf(std::string_view source) {
    std::string name(source);
    if (const auto known = m_names.find(name); known != m_names.end()) return known->second;
    if (m_slots.size() >= kMaxSlots) return kNoRoom;
    Slot slot;
    slot.target = m_settings.mapping->target(source);
    // A number that is to be masked or hashed has no form for that: it is dropped.
    slot.dropped = slot.target.protection == Protection::Drop ||
                   (slot.target.protection != Protection::None && slot.target.type == ColumnType::Number);
    const std::string& column = slot.target.column;
    slot.role = column == ports::field::time          ? Role::Time
                : column == ports::field::model       ? Role::Model
                : column == ports::field::version     ? Role::Version
                : column == ports::field::requestId   ? Role::Request
                : column == ports::field::outcome     ? Role::Outcome
                : column == ports::field::outcomeTime ? Role::OutcomeTime
                : slot.target.type                    ? Role::Other
                                                      : Role::Feature;
    slot.text = slot.target.type == ColumnType::Text || slot.target.type == ColumnType::Time ||
                m_settings.mapping->textFields.contains(name) ||
                (slot.role == Role::Outcome && !m_settings.mapping->outcomeClasses.empty());
    std::uint32_t place = kNoRoom;
    if (slot.role != Role::Feature || slot.dropped ||
        (!column.empty() && column.size() <= 255 && m_settings.budget->admit(column))) {
        place = static_cast<std::uint32_t>(m_slots.size());
        if (slot.role != Role::Feature && slot.role != Role::Other)
            m_roles[static_cast<std::size_t>(slot.role)] = place;
        slot.source = name;
        slot.into = &m_targets[column];
        m_slots.push_back(std::move(slot));
    }
    if (m_names.size() < kMaxSlots) m_names.emplace(std::move(name), place);
    return place;
}

void RowCollector::setNumber(std::uint32_t place, double value) {
    if (place == kNoRoom) {
        ++m_cutFields;
        return;
    }
    Slot& slot = m_slots[place];
    if (slot.dropped) return;
    if (slot.text || slot.target.protection != Protection::None) {
        setText(place, m_arena.emplace_back(numberText(value)));
        return;
    }
    if (slot.row != m_row) m_set.push_back(place);
    slot.row = m_row;
    slot.isText = false;
    slot.number = value;
}

/// A number, 1 or 0, unless the column is of texts.
void RowCollector::setBoolean(std::uint32_t place, bool value) {
    if (wantsText(place))
        setText(place, value ? "true" : "false");
    else
        setNumber(place, value ? 1 : 0);
}

void RowCollector::setText(std::uint32_t place, std::string_view text) {
    if (place == kNoRoom) {
        ++m_cutFields;
        return;
    }
    Slot& slot = m_slots[place];
    if (slot.dropped) return;
    double number = 0;
    bool isText = true;
    if (slot.target.type == ColumnType::Number) {
        const auto& classes = m_settings.mapping->outcomeClasses;
        const bool isClass = slot.role == Role::Outcome && !classes.empty();
        const auto read = isClass                      ? classNumber(text, classes)
                          : slot.role == Role::Outcome ? truthNumber(text)
                                                       : parseNumberText(text);
        if (!read)
            return text.empty() ? void()
                                : reject(isClass ? "not a class of the outcome" : "not a number",
                                         valueDetail(slot.source, text));
        number = *read;
        isText = false;
    } else if (text.size() > kMaxTextBytes) {
        return reject("a text is too long", slot.source + ": " + std::to_string(text.size()) + " bytes");
    } else if (slot.target.protection != Protection::None) {
        text = protectedText(slot, text);
    }
    if (slot.row != m_row) m_set.push_back(place);
    slot.row = m_row;
    slot.isText = isText;
    slot.number = number;
    slot.value = text;
}

std::string_view RowCollector::protectedText(const Slot& slot, std::string_view text) {
    if (slot.target.protection == Protection::Mask) return "***";
    const QByteArray bytes(text.data(), static_cast<qsizetype>(text.size()));
    const QByteArray hash = m_settings.hashKey.empty()
                                ? QCryptographicHash::hash(bytes, QCryptographicHash::Sha256)
                                : QMessageAuthenticationCode::hash(bytes, QByteArray::fromStdString(m_settings.hashKey),
                                                                   QCryptographicHash::Sha256);
    return m_arena.emplace_back(hash.left(16).toHex().toStdString());
}

void RowCollector::reject(std::string_view reason, std::string detail) {
    if (!m_reason.empty()) return;
    m_reason = reason;
    m_detail = std::move(detail);
}

RowCollector::Slot* RowCollector::valueOf(Role role) {
    const std::uint32_t place = m_roles[static_cast<std::size_t>(role)];
    if (place == kNoRoom || m_slots[place].row != m_row) return nullptr;
    Slot& slot = m_slots[place];
    return slot.isText && slot.value.empty() ? nullptr : &slot;
}

std::string_view RowCollector::textOf(Role role, std::string_view column) {
    if (const Slot* slot = valueOf(role)) return slot->value;
    const auto constant = m_settings.mapping->constants.find(std::string(column));
    return constant == m_settings.mapping->constants.end() ? std::string_view{} : std::string_view(constant->second);
}

void RowCollector::finishRow(const RowPlace& place, std::string_view raw) {
    if (m_reason.empty() && fillRow(place, raw)) {
        if (m_cutFields > 0) {
            ++m_out.cutRows;
            quarantine(
                place, raw, raw.size(), "kept without the fields beyond the limit",
                std::to_string(m_cutFields) + " fields; the log holds " + std::to_string(FieldBudget::kMaxFeatures));
        }
    } else {
        quarantine(place, raw, raw.size(), m_reason, std::move(m_detail));
    }
    startRow();
}

void RowCollector::startRow() {
    ++m_row;
    m_set.clear();
    m_arena.clear();
    m_reason.clear();
    m_detail.clear();
    m_cutFields = 0;
}

bool RowCollector::fillRow(const RowPlace& place, std::string_view raw) {
    const Slot* timeSlot = valueOf(Role::Time);
    if (!timeSlot) return reject("no time"), false;
    const auto time = parseTimeText(timeSlot->value, m_settings.mapping->timeUnit);
    if (!time) return reject("not a time", valueDetail(timeSlot->source, timeSlot->value)), false;
    const std::string_view model = textOf(Role::Model, ports::field::model);
    if (model.empty()) return reject("no model"), false;
    std::string_view request = textOf(Role::Request, ports::field::requestId);
    if (request.empty()) {
        // The row's own bytes as well: files may begin alike.
        XXH128_hash_t hash = XXH3_128bits_withSeed(raw.data(), raw.size(), m_settings.fileSeed ^ place.offset);
        std::array<char, 33> hex{};
        std::snprintf(hex.data(), hex.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                      static_cast<unsigned long long>(hash.low64));
        request = m_arena.emplace_back(hex.data());
    }
    if (!noteTruth(time->ns, request, model)) return false;
    commitRow(time->ns, request);
    return true;
}

bool RowCollector::noteTruth(std::int64_t time, std::string_view request, std::string_view model) {
    const Slot* outcome = valueOf(Role::Outcome);
    if (!outcome) return true;
    std::int64_t known = time;
    if (const Slot* slot = valueOf(Role::OutcomeTime)) {
        const auto read = parseTimeText(slot->value, m_settings.mapping->timeUnit);
        if (!read) return reject("not a time", valueDetail(slot->source, slot->value)), false;
        known = read->ns;
    }
    m_out.truths[std::string(model)].push_back({std::string(request), outcome->number, Timestamp{known}});
    return true;
}

ColumnWriter* RowCollector::writer(const std::string& column, Target& target, ColumnType type) {
    if (target.row == m_row) return nullptr;
    target.row = m_row;
    ColumnWriter*& writer = target.writers[static_cast<std::size_t>(type)];
    if (!writer) writer = &m_builder.column(column, type);
    m_builder.catchUp(*writer);
    return writer;
}

void RowCollector::commitRow(std::int64_t time, std::string_view request) {
    for (const std::uint32_t place : m_set) {
        Slot& slot = m_slots[place];
        const std::string& column = slot.target.column;
        if (slot.role == Role::Time) {
            if (auto* to = writer(column, *slot.into, ColumnType::Time)) to->appendTime(time);
        } else if (slot.role == Role::Request || slot.role == Role::Outcome || slot.role == Role::OutcomeTime) {
            continue;
        } else if (!slot.isText) {
            const bool latency = slot.role == Role::Other && column == ports::field::latencyMs;
            if (auto* to = writer(column, *slot.into, ColumnType::Number))
                to->appendNumber(latency ? slot.number * m_settings.mapping->latencyFactor : slot.number);
        } else if (!slot.value.empty() || slot.role == Role::Feature) {
            if (auto* to = writer(column, *slot.into, ColumnType::Text)) to->appendText(slot.value);
        }
    }
    if (auto* to = writer(std::string(ports::field::requestId), *m_request, ColumnType::Text)) to->appendText(request);
    for (Constant& constant : m_constants)
        if (auto* to = writer(constant.column, *constant.into, ColumnType::Text)) to->appendText(constant.value);
    m_builder.finishRow(time, requestHash(request));
}

void RowCollector::quarantine(const RowPlace& place, std::string_view raw, std::uint64_t bytes, std::string_view reason,
                              std::string detail) {
    ++m_out.reasons[std::string(reason)];
    raw = m_settings.mapping->protects() ? std::string_view{} : raw.substr(0, kQuarantinedBytes);
    if (m_out.quarantined.size() >= kKeptRows || m_quarantinedBytes + raw.size() > kKeptBytes) return;
    m_quarantinedBytes += raw.size();
    m_out.quarantined.push_back({place, bytes, std::string(reason), std::move(detail), std::string(raw)});
}

CollectedRows RowCollector::finish() {
    m_out.segment = m_builder.finish();
    return std::move(m_out);
}

}  // namespace pilothouse::predictions
