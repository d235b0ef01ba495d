-- SPDX-License-Identifier: GPL-3.0-or-later
-- Times are nanoseconds since 1970 (UTC) on the workspace's clock; wall_ms is measured time. JSON columns hold an object or
-- an array.

CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE connection (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL,
    options TEXT NOT NULL DEFAULT '{}', watch INTEGER NOT NULL DEFAULT 0);

-- One table says which model a name means, wherever the name comes from (connection 0: this workspace).
CREATE TABLE model (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL);
CREATE TABLE model_identity (
    connection INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, model INTEGER NOT NULL REFERENCES model(id),
    PRIMARY KEY (connection, kind, name)) WITHOUT ROWID;
CREATE TABLE model_version (
    id INTEGER PRIMARY KEY, model INTEGER NOT NULL REFERENCES model(id), version TEXT NOT NULL, created INTEGER NOT NULL,
    run TEXT NOT NULL DEFAULT '', artifact TEXT NOT NULL DEFAULT '', profile TEXT NOT NULL DEFAULT '',
    task TEXT NOT NULL, positive_class TEXT NOT NULL DEFAULT '', threshold REAL NOT NULL DEFAULT 0.5,
    trained_from INTEGER NOT NULL, trained_to INTEGER NOT NULL, evaluated_from INTEGER NOT NULL, evaluated_to INTEGER NOT NULL,
    training_rows INTEGER NOT NULL, features TEXT NOT NULL, metrics TEXT NOT NULL, parameters TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '{}', UNIQUE (model, version));
-- Append-only but for the end of the open period.
CREATE TABLE alias_period (
    id INTEGER PRIMARY KEY, model INTEGER NOT NULL REFERENCES model(id), alias TEXT NOT NULL, version TEXT NOT NULL,
    held_from INTEGER NOT NULL, held_to INTEGER, actor TEXT NOT NULL, reason TEXT NOT NULL);
CREATE UNIQUE INDEX alias_open ON alias_period (model, alias) WHERE held_to IS NULL;

-- Bytes lie beside the file, in FILE.artifacts/ab/cdef…
CREATE TABLE artifact (digest TEXT PRIMARY KEY, bytes INTEGER NOT NULL, media_type TEXT NOT NULL, created INTEGER NOT NULL)
    WITHOUT ROWID;

-- The prediction log. A batch is one acknowledged append; when enough rows wait they are sealed into a segment. Rows count
-- up by ordinal in order of arrival. A checksum names the content below it. Data lies last: SQLite need not read past it.
CREATE TABLE prediction_batch (
    id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
    first_ordinal INTEGER NOT NULL UNIQUE, checksum INTEGER NOT NULL, directory BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE prediction_segment (
    id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
    first_ordinal INTEGER NOT NULL UNIQUE, checksum INTEGER NOT NULL, ids BLOB NOT NULL);
CREATE TABLE prediction_column (
    id INTEGER PRIMARY KEY, segment INTEGER NOT NULL REFERENCES prediction_segment(id) ON DELETE CASCADE, name TEXT NOT NULL,
    type INTEGER NOT NULL, low REAL, high REAL, missing INTEGER NOT NULL, distinct_estimate INTEGER NOT NULL,
    header BLOB NOT NULL, data BLOB NOT NULL, UNIQUE (segment, name, type));
-- type: what shows every value; types: bits of all that arrived; conflicts: rows that came as another type than the first.
CREATE TABLE prediction_field (
    name TEXT PRIMARY KEY, position INTEGER NOT NULL, type INTEGER NOT NULL, types INTEGER NOT NULL, feature INTEGER NOT NULL,
    conflicts INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
-- Ground truth attaches to (model, request id); the latest known wins, all are kept. Coded like a prediction batch, with the
-- columns request_id, value and known. Each checksum covers the one before.
CREATE TABLE truth_batch (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, rows INTEGER NOT NULL, first_known INTEGER NOT NULL,
    last_known INTEGER NOT NULL, checksum INTEGER NOT NULL, directory BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY, seen INTEGER NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL,
    raw BLOB NOT NULL);

-- Monitoring. An evaluation is never rewritten; a later one of the same window has a higher revision.
CREATE TABLE monitor (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, model TEXT NOT NULL, definition TEXT NOT NULL, created INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE evaluation (
    id INTEGER PRIMARY KEY, monitor TEXT NOT NULL REFERENCES monitor(name), kind TEXT NOT NULL, model TEXT NOT NULL,
    version TEXT NOT NULL, window_start INTEGER NOT NULL, window_end INTEGER NOT NULL, evaluated INTEGER NOT NULL,
    revision INTEGER NOT NULL, state TEXT NOT NULL, summary TEXT NOT NULL, rows INTEGER NOT NULL, labelled INTEGER NOT NULL,
    inputs TEXT NOT NULL, UNIQUE (monitor, window_start, revision));
CREATE INDEX evaluation_time ON evaluation (model, window_start);
CREATE TABLE finding (
    evaluation INTEGER NOT NULL REFERENCES evaluation(id), position INTEGER NOT NULL, feature TEXT NOT NULL,
    check_name TEXT NOT NULL, state TEXT NOT NULL, severity TEXT NOT NULL, reason TEXT NOT NULL, method TEXT NOT NULL,
    statistic REAL, threshold REAL, p_value REAL, q_value REAL, effect REAL, effect_low REAL, effect_high REAL,
    minimum_effect REAL, n_reference INTEGER NOT NULL, n_current INTEGER NOT NULL, n_effective REAL,
    missing_share REAL, counts BLOB, PRIMARY KEY (evaluation, position)) WITHOUT ROWID;

-- Alerts: a row a spell; events are append-only.
CREATE TABLE alert (
    id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL, monitor TEXT NOT NULL,
    severity TEXT NOT NULL, state TEXT NOT NULL, labels TEXT NOT NULL, annotations TEXT NOT NULL, pending_since INTEGER NOT NULL,
    firing_since INTEGER, resolved_at INTEGER, window_start INTEGER NOT NULL, window_end INTEGER NOT NULL);
CREATE UNIQUE INDEX alert_open ON alert (fingerprint) WHERE state <> 'resolved';
CREATE TABLE alert_event (
    id INTEGER PRIMARY KEY, alert INTEGER NOT NULL REFERENCES alert(id), at INTEGER NOT NULL, state TEXT NOT NULL,
    evaluation INTEGER, text TEXT NOT NULL);
CREATE TABLE silence (
    id TEXT PRIMARY KEY, matchers TEXT NOT NULL, starts INTEGER NOT NULL, ends INTEGER NOT NULL, author TEXT NOT NULL,
    comment TEXT NOT NULL) WITHOUT ROWID;

-- Pipelines and runs.
CREATE TABLE pipeline (
    name TEXT PRIMARY KEY, description TEXT NOT NULL, definition TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE run (
    id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, model TEXT NOT NULL DEFAULT '', state TEXT NOT NULL,
    trigger_kind TEXT NOT NULL, trigger_ref TEXT NOT NULL DEFAULT '', cause TEXT NOT NULL DEFAULT '', created INTEGER NOT NULL,
    started INTEGER, finished INTEGER, wall_ms REAL NOT NULL DEFAULT 0, parameters TEXT NOT NULL DEFAULT '{}',
    result TEXT NOT NULL DEFAULT '', produced TEXT NOT NULL DEFAULT '', definition TEXT NOT NULL);
CREATE TABLE task (
    run INTEGER NOT NULL REFERENCES run(id), position INTEGER NOT NULL, name TEXT NOT NULL, step TEXT NOT NULL,
    after TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 1, started INTEGER, finished INTEGER,
    wall_ms REAL NOT NULL DEFAULT 0, progress REAL NOT NULL DEFAULT 0, inputs TEXT NOT NULL DEFAULT '[]',
    outputs TEXT NOT NULL DEFAULT '[]', error TEXT NOT NULL DEFAULT '', PRIMARY KEY (run, name)) WITHOUT ROWID;
CREATE TABLE task_log (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, task TEXT NOT NULL, at INTEGER NOT NULL, level TEXT NOT NULL,
    text TEXT NOT NULL);
CREATE INDEX task_log_place ON task_log (run, task, id);

CREATE TABLE dashboard (name TEXT PRIMARY KEY, definition TEXT NOT NULL, position INTEGER NOT NULL) WITHOUT ROWID;

-- What a person (or a run) changed. Each record carries the hash of the one before it.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);

-- The engine: one process seals, evaluates and runs. Others queue commands for it. A pid alone may come again, so its start
-- and its pid namespace stand beside it; the token tells two leases of one process apart. heartbeat: ns of the monotonic
-- clock of that boot.
CREATE TABLE lease (
    id INTEGER PRIMARY KEY CHECK (id = 1), token TEXT NOT NULL, pid INTEGER NOT NULL, process_start TEXT NOT NULL,
    pid_namespace TEXT NOT NULL, boot_id TEXT NOT NULL, host TEXT NOT NULL, heartbeat INTEGER NOT NULL);
CREATE TABLE command (
    id INTEGER PRIMARY KEY, queued INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '');
