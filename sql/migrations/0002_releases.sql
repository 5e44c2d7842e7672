-- What was published. The files and the pointer to the current release lie in the release store;
-- these rows are the record of them.

CREATE TABLE release (
  release_id   TEXT PRIMARY KEY,
  title_id     TEXT NOT NULL,
  language     TEXT NOT NULL,
  run_id       TEXT NOT NULL REFERENCES dub_run (run_id),
  folder       TEXT NOT NULL,      -- key of the release's folder in the release store
  sha256       TEXT NOT NULL,      -- of its release.json
  replaces     TEXT NOT NULL,      -- the release that was current before; '' none
  state        TEXT NOT NULL CHECK (state IN ('current', 'replaced', 'withdrawn')),
  note         TEXT NOT NULL DEFAULT '',
  published_at TEXT NOT NULL,
  changed_at   TEXT NOT NULL
);
CREATE INDEX release_of_title ON release (title_id, language, published_at);
CREATE INDEX release_replaces ON release (replaces);
CREATE INDEX release_run ON release (run_id);
CREATE INDEX release_published ON release (published_at);
CREATE INDEX release_state ON release (state);
