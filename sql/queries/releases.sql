-- name: insert_release(release_id, title_id, language, run_id, folder, sha256, replaces, state, now)!
INSERT INTO release (release_id, title_id, language, run_id, folder, sha256, replaces, state,
  published_at, changed_at)
VALUES (:release_id, :title_id, :language, :run_id, :folder, :sha256, :replaces, :state, :now, :now)
ON CONFLICT (release_id) DO NOTHING;

-- name: is_replaced(release_id)$
SELECT COUNT(*) FROM release WHERE replaces = :release_id;

-- name: replace_release(release_id, now)!
UPDATE release SET state = 'replaced', changed_at = :now
WHERE release_id = :release_id AND state = 'current';

-- name: move_release(release_id, state, was, note, now)!
UPDATE release SET state = :state, note = :note, changed_at = :now
WHERE release_id = :release_id AND state = :was;

-- name: find_release(release_id)^
SELECT * FROM release WHERE release_id = :release_id;

-- name: find_releases(most)
SELECT * FROM release ORDER BY published_at DESC, release_id LIMIT :most;

-- name: releases_of_title(title_id)
SELECT * FROM release WHERE title_id = :title_id ORDER BY published_at DESC, release_id;

-- name: releases_of_dub(title_id, language)
SELECT * FROM release WHERE title_id = :title_id AND language = :language
ORDER BY published_at DESC, release_id;

-- name: releases_under_consent(consent_id)
-- Releases whose run used somebody's voice or face under a consent.
SELECT * FROM release WHERE run_id IN
  (SELECT run_id FROM consent_use WHERE consent_id = :consent_id)
ORDER BY published_at DESC, release_id;
