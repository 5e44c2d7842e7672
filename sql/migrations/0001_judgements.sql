-- What was dubbed, how it was judged, and what follows from it.
-- Times are UTC, ISO 8601 with microseconds and Z, so that they sort as text.

CREATE TABLE dub (
  title_id    TEXT NOT NULL,
  language    TEXT NOT NULL,
  last_run_id TEXT NOT NULL,       -- the run that was judged last
  changed_at  TEXT NOT NULL,
  PRIMARY KEY (title_id, language)
);

CREATE TABLE dub_run (
  run_id          TEXT PRIMARY KEY,
  title_id        TEXT NOT NULL,
  language        TEXT NOT NULL,
  source_language TEXT NOT NULL,
  source_sha256   TEXT NOT NULL,
  profile         TEXT NOT NULL,
  attempt         INTEGER NOT NULL CHECK (attempt >= 1),
  parent_run_id   TEXT,
  manifest        TEXT NOT NULL,
  best_run_id     TEXT NOT NULL,
  digest          TEXT NOT NULL,   -- of the judgement: recording it again changes nothing
  recorded_at     TEXT NOT NULL,
  FOREIGN KEY (title_id, language) REFERENCES dub (title_id, language)
);
CREATE INDEX dub_run_of_title ON dub_run (title_id, language, recorded_at);
CREATE INDEX dub_run_recorded ON dub_run (recorded_at);

CREATE TABLE stage_attempt (
  run_id      TEXT NOT NULL REFERENCES dub_run (run_id),
  position    INTEGER NOT NULL,
  stage       TEXT NOT NULL,
  engine      TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  result_key  TEXT NOT NULL,
  cached      BOOLEAN NOT NULL,
  wall_s      DOUBLE PRECISION NOT NULL,
  gpu_s       DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (run_id, position)
);
CREATE INDEX stage_attempt_fingerprint ON stage_attempt (fingerprint);
CREATE INDEX stage_attempt_engine ON stage_attempt (stage, engine);

-- One row per metric: the title's, with the rows of its lines folded into it as JSON, so that a
-- library of many titles stays within tens of rows per dub.
CREATE TABLE metric (
  fingerprint TEXT NOT NULL,       -- of the evaluation
  position    INTEGER NOT NULL,
  metric      TEXT NOT NULL,
  scope       TEXT NOT NULL,
  value       DOUBLE PRECISION,
  word        TEXT NOT NULL,       -- a value that is no number: identical, not_applicable
  unit        TEXT NOT NULL,
  direction   TEXT NOT NULL,
  n_scored    INTEGER NOT NULL,
  n_skipped   INTEGER NOT NULL,
  coverage    DOUBLE PRECISION NOT NULL,
  method      TEXT NOT NULL,
  version     TEXT NOT NULL,
  absent      TEXT NOT NULL,
  lines       TEXT NOT NULL,       -- JSON: what each line's row has otherwise than this one
  PRIMARY KEY (fingerprint, metric)
);
CREATE INDEX metric_value ON metric (metric, scope, value);

CREATE TABLE gate_verdict (
  run_id      TEXT PRIMARY KEY REFERENCES dub_run (run_id),
  gates       TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  consequence TEXT NOT NULL CHECK (consequence IN ('publish', 'repair', 'review', 'quarantine')),
  data_docs   TEXT
);
CREATE INDEX gate_verdict_consequence ON gate_verdict (consequence);
CREATE INDEX gate_verdict_fingerprint ON gate_verdict (fingerprint);

CREATE TABLE gate_check (
  run_id        TEXT NOT NULL REFERENCES gate_verdict (run_id),
  position      INTEGER NOT NULL,
  metric        TEXT NOT NULL,
  unit          TEXT NOT NULL,
  value         TEXT NOT NULL,
  bound         TEXT NOT NULL,
  worst         TEXT NOT NULL,
  worst_bound   TEXT NOT NULL,
  worst_segment TEXT NOT NULL,
  outcome       TEXT NOT NULL,
  blocking      BOOLEAN NOT NULL,
  PRIMARY KEY (run_id, position)
);
CREATE INDEX gate_check_metric ON gate_check (metric, outcome);

CREATE TABLE gate_reason (
  run_id      TEXT NOT NULL REFERENCES gate_verdict (run_id),
  position    INTEGER NOT NULL,
  code        TEXT NOT NULL,
  metric      TEXT NOT NULL,
  scope       TEXT NOT NULL,
  text        TEXT NOT NULL,
  consequence TEXT NOT NULL,
  blocking    BOOLEAN NOT NULL,
  value       TEXT NOT NULL,
  bound       TEXT NOT NULL,
  PRIMARY KEY (run_id, position)
);
CREATE INDEX gate_reason_metric ON gate_reason (metric, code);

-- The consequences. Each is about one run; its state changes only from the state that was read.

CREATE TABLE publication (
  run_id     TEXT PRIMARY KEY REFERENCES dub_run (run_id),
  title_id   TEXT NOT NULL,
  language   TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('pending', 'published', 'refused', 'superseded')),
  note       TEXT NOT NULL DEFAULT '',
  opened_at  TEXT NOT NULL,
  changed_at TEXT NOT NULL
);
CREATE INDEX publication_state ON publication (state, opened_at);
CREATE INDEX publication_of_title ON publication (title_id, language);

CREATE TABLE repair (
  run_id       TEXT PRIMARY KEY REFERENCES dub_run (run_id),  -- the run that is repaired
  title_id     TEXT NOT NULL,
  language     TEXT NOT NULL,
  next_attempt INTEGER NOT NULL CHECK (next_attempt >= 2),
  plan         TEXT,               -- JSON; NULL when a person asked for another attempt
  state        TEXT NOT NULL CHECK (state IN ('queued', 'started', 'done', 'failed', 'superseded')),
  note         TEXT NOT NULL DEFAULT '',
  opened_at    TEXT NOT NULL,
  changed_at   TEXT NOT NULL
);
CREATE INDEX repair_state ON repair (state, opened_at);
CREATE INDEX repair_of_title ON repair (title_id, language);

CREATE TABLE review (
  run_id      TEXT PRIMARY KEY REFERENCES dub_run (run_id),
  title_id    TEXT NOT NULL,
  language    TEXT NOT NULL,
  best_run_id TEXT NOT NULL REFERENCES dub_run (run_id),  -- what is published with a waiver
  state       TEXT NOT NULL CHECK (state IN
                ('open', 'publish_with_waiver', 'redo', 'reject', 'timed_out', 'superseded')),
  priority    DOUBLE PRECISION NOT NULL,                  -- highest first
  who         TEXT NOT NULL DEFAULT '',
  why         TEXT NOT NULL DEFAULT '',
  notes       TEXT NOT NULL DEFAULT '',
  opened_at   TEXT NOT NULL,
  changed_at  TEXT NOT NULL
);
CREATE INDEX review_state ON review (state, priority DESC, opened_at);
CREATE INDEX review_best ON review (best_run_id);
CREATE INDEX review_of_title ON review (title_id, language);

CREATE TABLE quarantine (
  run_id     TEXT PRIMARY KEY REFERENCES dub_run (run_id),
  title_id   TEXT NOT NULL,
  language   TEXT NOT NULL,
  reason     TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('held', 'released', 'superseded')),
  note       TEXT NOT NULL DEFAULT '',
  opened_at  TEXT NOT NULL,
  changed_at TEXT NOT NULL
);
CREATE INDEX quarantine_state ON quarantine (state, opened_at);
CREATE INDEX quarantine_of_title ON quarantine (title_id, language);

CREATE TABLE waiver (
  run_id    TEXT NOT NULL REFERENCES dub_run (run_id),    -- the run that is published by it
  review_id TEXT NOT NULL REFERENCES review (run_id),
  who       TEXT NOT NULL CHECK (who <> ''),
  why       TEXT NOT NULL CHECK (why <> ''),
  given_at  TEXT NOT NULL,
  PRIMARY KEY (run_id, review_id)
);
CREATE INDEX waiver_review ON waiver (review_id);
