-- SPDX-License-Identifier: GPL-3.0-or-later
-- Bulk loading. raw holds the first 64 KiB of what could not be used; bytes says how long it was. reason can be counted,
-- detail names the field or the value.
ALTER TABLE quarantine ADD COLUMN byte_offset INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN detail TEXT NOT NULL DEFAULT '';
CREATE INDEX quarantine_reason ON quarantine (reason);

-- What was loaded of a file: its first `bytes` (unpacked), whose XXH3 is `digest`; `head` is the XXH3 of the first
-- head_bytes of them. The same bytes under any name are known again, and a file that grew goes on behind them. mapping is
-- the XXH3 of the mapping that was used; reasons counts quarantined rows as a JSON object.
CREATE TABLE ingested_file (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    head_bytes INTEGER NOT NULL, head INTEGER NOT NULL, bytes INTEGER NOT NULL, digest INTEGER NOT NULL,
    lines INTEGER NOT NULL, rows INTEGER NOT NULL, repeated INTEGER NOT NULL, truths INTEGER NOT NULL,
    quarantined INTEGER NOT NULL, reasons TEXT NOT NULL DEFAULT '{}', mapping INTEGER NOT NULL);
CREATE INDEX ingested_file_mapping ON ingested_file (mapping);

-- Inference events that wait for the other half of their pair. kind: 0 request, 1 response.
CREATE TABLE ingest_pending (
    event TEXT NOT NULL, kind INTEGER NOT NULL, seen INTEGER NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
    byte_offset INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (event, kind)) WITHOUT ROWID;
