-- Whose voice and face may be used, who is heard in a title, and what was made of it.

CREATE TABLE consent (
  consent_id      TEXT PRIMARY KEY,
  person          TEXT NOT NULL,
  uses            TEXT NOT NULL,   -- JSON list: voice, likeness
  languages       TEXT NOT NULL,   -- JSON list of BCP-47 tags, or *
  territories     TEXT NOT NULL,   -- JSON list of ISO 3166-1 codes, or world
  expires_at      TEXT NOT NULL,   -- '' never
  evidence_sha256 TEXT NOT NULL,
  evidence_name   TEXT NOT NULL,
  granted_at      TEXT NOT NULL,
  revoked_at      TEXT NOT NULL DEFAULT '',
  revoked_why     TEXT NOT NULL DEFAULT '',
  erased_at       TEXT NOT NULL DEFAULT ''   -- when nothing made under it was left
);
CREATE INDEX consent_person ON consent (person);

CREATE TABLE cast_member (
  title_id   TEXT NOT NULL,
  speaker    TEXT NOT NULL,
  person     TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  PRIMARY KEY (title_id, speaker)
);
CREATE INDEX cast_member_person ON cast_member (person);

-- Under which consents a run's stages worked: replaced when a stage of the run starts anew.
CREATE TABLE consent_use (
  run_id     TEXT NOT NULL,        -- recorded before the run is judged
  stage      TEXT NOT NULL,
  consent_id TEXT NOT NULL REFERENCES consent (consent_id),
  use        TEXT NOT NULL CHECK (use IN ('voice', 'likeness')),
  PRIMARY KEY (run_id, stage, consent_id)
);
CREATE INDEX consent_use_consent ON consent_use (consent_id);

-- Folders of the store that hold somebody's voice or face. Rows stay: erasing twice is fine.
CREATE TABLE consent_trace (
  consent_id TEXT NOT NULL REFERENCES consent (consent_id),
  folder     TEXT NOT NULL,
  PRIMARY KEY (consent_id, folder)
);
CREATE INDEX consent_trace_folder ON consent_trace (folder);
