-- name: insert_series(series_id, name, now)!
INSERT INTO series (series_id, name, registered_at) VALUES (:series_id, :name, :now)
ON CONFLICT (series_id) DO NOTHING;

-- name: insert_title(title_id, name, series_id, season, episode, source_language, location, version, beside, duration_s, now)!
-- Either constraint may stand against it: the id or the location is taken.
INSERT INTO title (title_id, name, series_id, season, episode, source_language, location, version,
  beside, duration_s, ingested_at)
VALUES (:title_id, :name, :series_id, :season, :episode, :source_language, :location, :version,
  :beside, :duration_s, :now)
ON CONFLICT DO NOTHING;

-- name: update_title(title_id, name, series_id, season, episode, source_language, location, version, beside, duration_s, now)!
UPDATE title SET name = :name, series_id = :series_id, season = :season, episode = :episode,
  source_language = :source_language, location = :location, beside = :beside,
  duration_s = :duration_s, missing_since = '',
  ingested_at = CASE WHEN version = :version THEN ingested_at ELSE :now END, version = :version
WHERE title_id = :title_id;

-- name: insert_source_version(title_id, version, source_sha256, bytes, duration_s, files, now)!
-- What is known of the same bytes is renewed: where they lie, and their stamps.
INSERT INTO source_version (title_id, version, source_sha256, bytes, duration_s, files, seen_at)
VALUES (:title_id, :version, :source_sha256, :bytes, :duration_s, :files, :now)
ON CONFLICT (title_id, version) DO UPDATE SET files = excluded.files;

-- name: find_title(title_id)^
SELECT * FROM title WHERE title_id = :title_id;

-- name: find_title_at(location)^
SELECT * FROM title WHERE location = :location;

-- name: find_titles(pattern, language, after, most)
SELECT * FROM title
WHERE title_id > :after AND title_id LIKE :pattern ESCAPE '!'
  AND (source_language = :language OR :language = '')
ORDER BY title_id LIMIT :most;

-- name: find_titles_of_series(series_id, pattern, language, after, most)
SELECT * FROM title
WHERE series_id = :series_id AND title_id > :after AND title_id LIKE :pattern ESCAPE '!'
  AND (source_language = :language OR :language = '')
ORDER BY title_id LIMIT :most;

-- name: titles_ingested(start, end, after, after_id, most)
SELECT * FROM title
WHERE ingested_at >= :start AND ingested_at < :end AND missing_since = ''
  AND (ingested_at > :after OR (ingested_at = :after AND title_id > :after_id))
ORDER BY ingested_at, title_id LIMIT :most;

-- name: titles_unasked(start, end, after, after_id, most)
-- Those of whose version nothing was ever asked for.
SELECT * FROM title
WHERE ingested_at >= :start AND ingested_at < :end AND missing_since = ''
  AND (ingested_at > :after OR (ingested_at = :after AND title_id > :after_id))
  AND NOT EXISTS
    (SELECT 1 FROM dub_request
     WHERE dub_request.title_id = title.title_id AND dub_request.version = title.version)
ORDER BY ingested_at, title_id LIMIT :most;

-- name: titles_below(root, length, after, most)
SELECT title_id, location FROM title
WHERE title_id > :after AND missing_since = '' AND substr(location, 1, :length) = :root
ORDER BY title_id LIMIT :most;

-- name: titles_of_version(source_sha256, version)
-- Titles that have these bytes now, and these beside them.
SELECT title.* FROM source_version JOIN title
  ON title.title_id = source_version.title_id AND title.version = source_version.version
WHERE source_version.source_sha256 = :source_sha256 AND source_version.version = :version
ORDER BY title.title_id;

-- name: find_source_version(title_id, version)^
SELECT * FROM source_version WHERE title_id = :title_id AND version = :version;

-- name: find_source_versions(title_id)
SELECT * FROM source_version WHERE title_id = :title_id ORDER BY seen_at DESC, version;

-- name: latest_requests(title_id)
-- What was asked for last in each language; what was superseded only where all was.
SELECT * FROM dub_request AS one
WHERE title_id = :title_id AND NOT EXISTS
  (SELECT 1 FROM dub_request AS other
   WHERE other.title_id = one.title_id AND other.language = one.language
     AND (other.state <> 'superseded', other.requested_at, other.attempt)
       > (one.state <> 'superseded', one.requested_at, one.attempt))
ORDER BY language, request_id;

-- name: set_missing(title_id, now)!
UPDATE title SET missing_since = :now WHERE title_id = :title_id AND missing_since = '';

-- name: set_found(title_id, now)!
-- Intervals pass over what is missing: what none has seen is ingested now, for the next one.
UPDATE title SET missing_since = '', ingested_at = CASE WHEN EXISTS
    (SELECT 1 FROM dub_request WHERE dub_request.title_id = title.title_id
     AND dub_request.version = title.version AND substr(dub_request.lane, 1, 11) = 'dub_catalog')
  THEN ingested_at ELSE :now END
WHERE title_id = :title_id AND missing_since <> '';

-- name: note_bad_file(location, what, remedy, stamp, now)!
INSERT INTO bad_file (location, what, remedy, stamp, seen_at)
VALUES (:location, :what, :remedy, :stamp, :now)
ON CONFLICT (location) DO UPDATE SET what = excluded.what, remedy = excluded.remedy,
  stamp = excluded.stamp, seen_at = excluded.seen_at;

-- name: forget_bad_file(location)!
DELETE FROM bad_file WHERE location = :location;

-- name: find_bad_file(location)^
SELECT * FROM bad_file WHERE location = :location;

-- name: find_bad_files(after, most)
SELECT * FROM bad_file WHERE location > :after ORDER BY location LIMIT :most;
