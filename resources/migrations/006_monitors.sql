-- SPDX-License-Identifier: GPL-3.0-or-later
-- Reference profiles of versions, also of those that no pipeline made. Frozen: another one of a version is another row,
-- the newest counts. digest names the artifact; source says what it was made of ("query …", "file …").
CREATE TABLE profile (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL, created INTEGER NOT NULL,
    source TEXT NOT NULL, range_from INTEGER NOT NULL, range_to INTEGER NOT NULL, rows INTEGER NOT NULL,
    columns INTEGER NOT NULL);
CREATE INDEX profile_version ON profile (model, version, id);

-- When it was taken away; its evaluations stay.
ALTER TABLE monitor ADD COLUMN removed INTEGER;

-- Every text that a monitor was declared by, so that an evaluation can be run again by its own. The digest is SHA-256.
CREATE TABLE monitor_definition (
    digest TEXT PRIMARY KEY, monitor TEXT NOT NULL, definition TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
-- How far a monitor has come: windows that were due before judged_until are judged, from the log up to a mark
-- (predictions::LogMark). newest: event time of its newest
-- row. next_ordinal: where the next window begins of one that counts rows.
CREATE TABLE monitor_progress (
    monitor TEXT PRIMARY KEY, definition TEXT NOT NULL, judged_from INTEGER NOT NULL, judged_until INTEGER NOT NULL,
    ordinal INTEGER NOT NULL, truth INTEGER NOT NULL, removals INTEGER NOT NULL, newest INTEGER NOT NULL,
    next_ordinal INTEGER NOT NULL)
    WITHOUT ROWID;
-- Counts of pieces of windows up to a mark, so that only what came since is read. counting: what was counted and how.
CREATE TABLE window_count (
    id INTEGER PRIMARY KEY, counting TEXT NOT NULL, window_start INTEGER NOT NULL, window_end INTEGER NOT NULL,
    ordinal INTEGER NOT NULL, removals INTEGER NOT NULL, data BLOB NOT NULL);
CREATE UNIQUE INDEX window_count_place ON window_count (counting, window_start, window_end);
