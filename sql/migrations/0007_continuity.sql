-- What a series keeps over its episodes: its characters, their voices, its words.

CREATE TABLE character (
  series_id    TEXT NOT NULL REFERENCES series (series_id),
  character_id TEXT NOT NULL,                -- the name in lower case
  name         TEXT NOT NULL,
  noted_at     TEXT NOT NULL,
  PRIMARY KEY (series_id, character_id)
);

-- How else scripts name him; without a row, his name alone is he.
CREATE TABLE character_label (
  series_id    TEXT NOT NULL,
  title_id     TEXT NOT NULL,                -- '' any of the series
  label        TEXT NOT NULL,                -- in lower case
  character_id TEXT NOT NULL,
  PRIMARY KEY (series_id, title_id, label),
  FOREIGN KEY (series_id, character_id) REFERENCES character (series_id, character_id)
);
CREATE INDEX character_label_character ON character_label (series_id, character_id);

-- The voice that a character keeps.
CREATE TABLE character_voice (
  series_id    TEXT NOT NULL,
  language     TEXT NOT NULL,                -- of the dub
  engine       TEXT NOT NULL,                -- of synthesize: each has voices of its own
  character_id TEXT NOT NULL,
  voice        TEXT NOT NULL,
  title_id     TEXT NOT NULL DEFAULT '',     -- the episode that was published first with him
  who          TEXT NOT NULL DEFAULT '',     -- the person who said so instead
  noted_at     TEXT NOT NULL,
  PRIMARY KEY (series_id, language, engine, character_id),
  FOREIGN KEY (series_id, character_id) REFERENCES character (series_id, character_id)
);
CREATE INDEX character_voice_character ON character_voice (series_id, character_id);

-- The voice that a character has in an episode's current release: others are found by it.
CREATE TABLE episode_voice (
  series_id    TEXT NOT NULL,
  language     TEXT NOT NULL,
  title_id     TEXT NOT NULL REFERENCES title (title_id),
  character_id TEXT NOT NULL,
  engine       TEXT NOT NULL,
  voice        TEXT NOT NULL,
  run_id       TEXT NOT NULL,
  noted_at     TEXT NOT NULL,
  PRIMARY KEY (series_id, language, title_id, character_id),
  FOREIGN KEY (series_id, character_id) REFERENCES character (series_id, character_id)
);
CREATE INDEX episode_voice_title ON episode_voice (title_id);
CREATE INDEX episode_voice_character ON episode_voice (series_id, character_id);

-- Words of a series and their translations; a glossary beside a video goes before them.
CREATE TABLE glossary_term (
  series_id       TEXT NOT NULL REFERENCES series (series_id),
  source_language TEXT NOT NULL,
  language        TEXT NOT NULL,
  term            TEXT NOT NULL,             -- as it is said, in lower case unless match_case
  source          TEXT NOT NULL,
  target          TEXT NOT NULL,             -- the source itself: not to be translated
  match_case      BOOLEAN NOT NULL,
  noted_at        TEXT NOT NULL,
  PRIMARY KEY (series_id, source_language, language, term)
);
