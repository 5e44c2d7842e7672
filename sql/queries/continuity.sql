-- name: find_series(series_id)^
SELECT series_id, name FROM series WHERE series_id = :series_id;

-- name: all_series(after, most)
SELECT series_id, name,
  (SELECT COUNT(*) FROM title WHERE title.series_id = series.series_id) AS titles
FROM series WHERE series_id > :after ORDER BY series_id LIMIT :most;

-- name: insert_character(series_id, character_id, name, now)!
INSERT INTO character (series_id, character_id, name, noted_at)
VALUES (:series_id, :character_id, :name, :now)
ON CONFLICT (series_id, character_id) DO NOTHING;

-- name: find_characters(series_id)
SELECT character_id, name FROM character WHERE series_id = :series_id ORDER BY character_id;

-- name: set_character_label(series_id, title_id, label, character_id)!
INSERT INTO character_label (series_id, title_id, label, character_id)
VALUES (:series_id, :title_id, :label, :character_id)
ON CONFLICT (series_id, title_id, label) DO UPDATE SET character_id = excluded.character_id;

-- name: remove_character_label(series_id, title_id, label)!
DELETE FROM character_label
WHERE series_id = :series_id AND title_id = :title_id AND label = :label;

-- name: labels_of_title(series_id, title_id)
-- What is said of any title comes first, so that what is said of this one replaces it.
SELECT label, character_id FROM character_label
WHERE series_id = :series_id AND title_id IN ('', :title_id) ORDER BY title_id;

-- name: labels_of_series(series_id)
SELECT title_id, label, character_id FROM character_label
WHERE series_id = :series_id ORDER BY title_id, label;

-- name: keep_character_voice(series_id, language, engine, character_id, voice, title_id, now)!
-- The first one stays.
INSERT INTO character_voice
  (series_id, language, engine, character_id, voice, title_id, noted_at)
VALUES (:series_id, :language, :engine, :character_id, :voice, :title_id, :now)
ON CONFLICT (series_id, language, engine, character_id) DO NOTHING;

-- name: set_character_voice(series_id, language, engine, character_id, voice, who, now)!
INSERT INTO character_voice
  (series_id, language, engine, character_id, voice, title_id, who, noted_at)
VALUES (:series_id, :language, :engine, :character_id, :voice, '', :who, :now)
ON CONFLICT (series_id, language, engine, character_id) DO UPDATE
SET voice = excluded.voice, title_id = '', who = excluded.who, noted_at = excluded.noted_at;

-- name: forget_character_voice(series_id, language, engine, character_id)!
DELETE FROM character_voice WHERE series_id = :series_id AND language = :language
  AND engine = :engine AND character_id = :character_id;

-- name: character_voices(series_id, language, engine)
SELECT character_id, voice FROM character_voice
WHERE series_id = :series_id AND language = :language AND engine = :engine
ORDER BY character_id;

-- name: voices_of_series(series_id)
SELECT series_id, language, engine, character_id, voice, title_id, who, noted_at
FROM character_voice WHERE series_id = :series_id ORDER BY character_id, language, engine;

-- name: note_episode_voice(series_id, language, title_id, character_id, engine, voice, run_id, now)!
INSERT INTO episode_voice
  (series_id, language, title_id, character_id, engine, voice, run_id, noted_at)
VALUES
  (:series_id, :language, :title_id, :character_id, :engine, :voice, :run_id, :now)
ON CONFLICT (series_id, language, title_id, character_id) DO UPDATE SET engine = excluded.engine,
  voice = excluded.voice, run_id = excluded.run_id, noted_at = excluded.noted_at;

-- name: forget_episode_voices(series_id, language, title_id)!
DELETE FROM episode_voice
WHERE series_id = :series_id AND language = :language AND title_id = :title_id;

-- name: episodes_spoken_otherwise(series_id)
-- Where a character has another voice than the one that he keeps.
SELECT episode_voice.series_id, episode_voice.language, episode_voice.title_id,
  episode_voice.character_id, episode_voice.engine, episode_voice.voice, episode_voice.run_id,
  episode_voice.noted_at
FROM episode_voice JOIN character_voice
  ON character_voice.series_id = episode_voice.series_id
  AND character_voice.language = episode_voice.language
  AND character_voice.engine = episode_voice.engine
  AND character_voice.character_id = episode_voice.character_id
WHERE episode_voice.series_id = :series_id AND character_voice.voice <> episode_voice.voice
ORDER BY episode_voice.title_id, episode_voice.language, episode_voice.character_id;

-- name: set_glossary_term(series_id, source_language, language, term, source, target, match_case, now)*!
INSERT INTO glossary_term
  (series_id, source_language, language, term, source, target, match_case, noted_at)
VALUES
  (:series_id, :source_language, :language, :term, :source, :target, :match_case, :now)
ON CONFLICT (series_id, source_language, language, term) DO UPDATE SET source = excluded.source,
  target = excluded.target, match_case = excluded.match_case, noted_at = excluded.noted_at;

-- name: forget_glossary_term(series_id, source_language, language, term)!
DELETE FROM glossary_term WHERE series_id = :series_id AND source_language = :source_language
  AND language = :language AND term = :term;

-- name: terms_between(series_id, source_language, source_base, language, base)
-- Those of the languages themselves come last, so that they replace those of their base.
SELECT source_language, language, source, target, match_case FROM glossary_term
WHERE series_id = :series_id AND source_language IN (:source_language, :source_base)
  AND language IN (:language, :base)
ORDER BY CASE WHEN language = :language THEN 1 ELSE 0 END,
  CASE WHEN source_language = :source_language THEN 1 ELSE 0 END, term;

-- name: terms_of_series(series_id)
SELECT source_language, language, source, target, match_case FROM glossary_term
WHERE series_id = :series_id ORDER BY source_language, language, term;
