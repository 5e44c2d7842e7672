-- The library: its titles and their source versions, what is wanted of them, and the queue.
-- Titles that are dubbed by hand (airdub dub) need no row here: `dub.title_id` refers to none.

CREATE TABLE series (
  series_id     TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  registered_at TEXT NOT NULL
);

CREATE TABLE title (
  title_id        TEXT PRIMARY KEY,
  name            TEXT NOT NULL,
  series_id       TEXT REFERENCES series (series_id),
  season          INTEGER CHECK (season >= 0),
  episode         INTEGER CHECK (episode >= 0),
  source_language TEXT NOT NULL,
  location        TEXT NOT NULL UNIQUE,      -- absolute path, or s3://bucket/key
  version         TEXT NOT NULL,             -- the current one of source_version
  beside          TEXT NOT NULL,             -- endings of the files beside it: '.es.srt .srt'
  duration_s      DOUBLE PRECISION NOT NULL CHECK (duration_s > 0),
  ingested_at     TEXT NOT NULL,             -- when its current version was seen first
  missing_since   TEXT NOT NULL DEFAULT ''   -- '' while its file is there
);
CREATE INDEX title_ingested ON title (ingested_at, title_id);
CREATE INDEX title_of_series ON title (series_id, season, episode);
CREATE INDEX title_kind ON title (source_language, beside, title_id);

-- A source with what lies beside it; a change of either is another version.
CREATE TABLE source_version (
  title_id      TEXT NOT NULL REFERENCES title (title_id),
  version       TEXT NOT NULL,               -- digest of the files' digests
  source_sha256 TEXT NOT NULL,
  bytes         BIGINT NOT NULL CHECK (bytes > 0),
  duration_s    DOUBLE PRECISION NOT NULL CHECK (duration_s > 0),
  files         TEXT NOT NULL,               -- JSON: by ending, location, sha256, bytes, stamp
  seen_at       TEXT NOT NULL,
  PRIMARY KEY (title_id, version)
);
CREATE INDEX source_version_sha256 ON source_version (source_sha256);

-- Files that a scan couldn't take, until one can.
CREATE TABLE bad_file (
  location TEXT PRIMARY KEY,
  what     TEXT NOT NULL,
  remedy   TEXT NOT NULL,
  stamp    TEXT NOT NULL,                    -- size and time of change: unchanged is not read again
  seen_at  TEXT NOT NULL
);

-- What is wanted of titles, those of the future included.
CREATE TABLE standing_order (
  order_id       TEXT PRIMARY KEY,
  titles         TEXT NOT NULL,              -- pattern of title ids: '*', 'maria-*'
  series_id      TEXT NOT NULL DEFAULT '',   -- '' any
  language       TEXT NOT NULL,
  profile        TEXT NOT NULL,
  priority       INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 100),
  deadline_hours INTEGER CHECK (deadline_hours > 0),  -- after the title's ingest
  ordered_at     TEXT NOT NULL,
  ended_at       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX standing_order_ended ON standing_order (ended_at, ordered_at);

-- One dub that is wanted: each (title, language, source version, plan, attempt) at most once.
CREATE TABLE dub_request (
  request_id  TEXT PRIMARY KEY,              -- hash of the five
  title_id    TEXT NOT NULL REFERENCES title (title_id),
  language    TEXT NOT NULL,
  version     TEXT NOT NULL,
  plan_digest TEXT NOT NULL,                 -- profile, gates, engines and weights
  attempt     INTEGER NOT NULL CHECK (attempt >= 1),  -- raised when a person asks again
  profile     TEXT NOT NULL,
  priority    INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 100),  -- highest first
  due         TEXT NOT NULL,                 -- deadline; 9999-12-31T00:00:00.000000Z without one
  turn        BIGINT NOT NULL,               -- fair order among lanes, lowest first
  lane        TEXT NOT NULL,                 -- where it comes from: an interval, a command
  state       TEXT NOT NULL CHECK (state IN
                ('held', 'waiting', 'claimed', 'running', 'published', 'in_review',
                 'quarantined', 'failed', 'refused', 'cancelled', 'superseded')),
  reason      TEXT NOT NULL DEFAULT '',      -- class of the failure, or why it is held or refused
  note        TEXT NOT NULL DEFAULT '',      -- the same in words
  run_id      TEXT NOT NULL,                 -- of its dub_video run; repairs add .a2, .a3
  not_before  TEXT NOT NULL DEFAULT '',      -- quota or rights: not claimed earlier
  requested_at TEXT NOT NULL,
  claimed_at  TEXT NOT NULL DEFAULT '',
  ended_at    TEXT NOT NULL DEFAULT '',
  changed_at  TEXT NOT NULL,
  UNIQUE (title_id, language, version, plan_digest, attempt),
  UNIQUE (run_id)
);
CREATE INDEX dub_request_turn ON dub_request (state, priority DESC, turn, request_id);
CREATE INDEX dub_request_due ON dub_request (state, due, priority DESC, request_id);
CREATE INDEX dub_request_count ON dub_request (state, language, reason);
CREATE INDEX dub_request_ended ON dub_request (ended_at);
CREATE INDEX dub_request_lane ON dub_request (lane, state);

-- How much may be started a day (UTC); and how much was.
CREATE TABLE quota (
  scope   TEXT NOT NULL,                     -- 'all', 'language:es', 'profile:release'
  unit    TEXT NOT NULL CHECK (unit IN ('dubs', 'gpu_s')),
  per_day DOUBLE PRECISION NOT NULL CHECK (per_day >= 0),
  PRIMARY KEY (scope, unit)
);
CREATE TABLE quota_use (
  day   TEXT NOT NULL,                       -- 2026-11-21
  scope TEXT NOT NULL,
  unit  TEXT NOT NULL,
  used  DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (day, scope, unit)
);

-- When a title or series may be dubbed into a language; without a row always.
CREATE TABLE rights_window (
  window_id TEXT PRIMARY KEY,
  title_id  TEXT NOT NULL DEFAULT '',        -- '' any of the series
  series_id TEXT NOT NULL DEFAULT '',
  language  TEXT NOT NULL DEFAULT '',        -- '' any
  opens_at  TEXT NOT NULL,
  closes_at TEXT NOT NULL,
  CHECK (title_id <> '' OR series_id <> ''),
  CHECK (opens_at < closes_at)
);
CREATE INDEX rights_window_title ON rights_window (title_id);
CREATE INDEX rights_window_series ON rights_window (series_id);

-- Nothing is claimed while one is open.
CREATE TABLE queue_pause (
  pause_id  TEXT PRIMARY KEY,
  reason    TEXT NOT NULL,
  note      TEXT NOT NULL,
  paused_at TEXT NOT NULL,
  ended_at  TEXT NOT NULL DEFAULT '',
  ended_by  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX queue_pause_open ON queue_pause (ended_at);

-- A new plan is tried on some titles first; the others are held until those went well.
CREATE TABLE rollout (
  plan_digest TEXT PRIMARY KEY,
  profile     TEXT NOT NULL,
  language    TEXT NOT NULL,
  canaries    INTEGER NOT NULL CHECK (canaries >= 0),
  state       TEXT NOT NULL CHECK (state IN ('trying', 'open', 'stopped')),
  note        TEXT NOT NULL DEFAULT '',
  began_at    TEXT NOT NULL,
  changed_at  TEXT NOT NULL
);
CREATE INDEX rollout_state ON rollout (state);
