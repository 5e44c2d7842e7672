-- name: find_notice(about)^
SELECT told_at, held_back FROM notice WHERE about = :about;

-- name: tell_notice(about, now, before)!
-- The row changes, or is made, only when nothing was told since `before`.
INSERT INTO notice (about, told_at, held_back) VALUES (:about, :now, 0)
ON CONFLICT (about) DO UPDATE SET told_at = excluded.told_at, held_back = 0
WHERE notice.told_at < :before;

-- name: hold_notice(about)!
UPDATE notice SET held_back = held_back + 1 WHERE about = :about;

-- name: untell_notice(about, told_at, was, held_back)!
UPDATE notice SET told_at = :was, held_back = held_back + :held_back
WHERE about = :about AND told_at = :told_at;

-- name: overdue_requests(since, until, most)
-- Those that aren't there yet and were due between the two times, the earliest first.
SELECT title_id, language, due, state, COUNT(*) OVER () AS count FROM dub_request
WHERE due < '9999' AND due > :since AND due <= :until
  AND state IN ('held', 'waiting', 'claimed', 'running', 'in_review')
ORDER BY due, title_id, language LIMIT :most;

-- name: oldest_waiting()$
SELECT MIN(requested_at) FROM dub_request WHERE state = 'waiting';
