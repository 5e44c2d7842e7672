-- name: known_titles(ids)
-- Those of the ids, the names of a JSON object, that are titles.
SELECT title_id FROM title WHERE title_id IN (SELECT key FROM json_each(:ids));

-- name: enqueued(ids)
-- Those of the ids that are in the queue, or were: the last attempt at each, whether another version
-- or plan was wanted since, and whether its release gave way to another one.
SELECT asked.request_id, last.attempt, last.state, last.claimed_at,
  EXISTS (SELECT 1 FROM dub_request AS other
    WHERE other.title_id = last.title_id AND other.language = last.language
      AND (other.version, other.plan_digest) <> (last.version, last.plan_digest)
      AND other.profile = last.profile AND other.state <> 'superseded'
      AND other.requested_at > last.requested_at) AS overtaken,
  EXISTS (SELECT 1 FROM release
    WHERE release.title_id = last.title_id AND release.language = last.language
      AND release.state = 'replaced'
      AND substr(release.run_id, 1, length(last.run_id)) = last.run_id) AS replaced
FROM dub_request AS asked JOIN dub_request AS last
  ON last.title_id = asked.title_id AND last.language = asked.language
    AND last.version = asked.version AND last.plan_digest = asked.plan_digest
WHERE asked.request_id IN (SELECT key FROM json_each(:ids)) AND last.attempt =
  (SELECT MAX(attempt) FROM dub_request AS one
   WHERE one.title_id = asked.title_id AND one.language = asked.language
     AND one.version = asked.version AND one.plan_digest = asked.plan_digest);

-- name: asked_by_people(titles)
-- What people want of titles, the names of a JSON object, the latest last; not what came to nothing.
SELECT * FROM dub_request
WHERE title_id IN (SELECT key FROM json_each(:titles)) AND asked_by = 'person'
  AND state IN ('held', 'waiting', 'claimed', 'running', 'in_review', 'published')
ORDER BY requested_at, attempt;

-- name: mark_asked_by_people(ids)!
UPDATE dub_request SET asked_by = 'person'
WHERE request_id IN (SELECT key FROM json_each(:ids)) AND asked_by <> 'person';

-- name: insert_requests(request_id, title_id, language, version, plan_digest, attempt, profile, priority, due, turn, lane, asked_by, state, reason, note, run_id, ended_at, now)*!
-- One that was superseded is wanted again, as if for the first time. Any other that is there already
-- stays as it is.
INSERT INTO dub_request (request_id, title_id, language, version, plan_digest, attempt, profile,
  priority, due, turn, lane, asked_by, state, reason, note, run_id, requested_at, ended_at,
  changed_at)
VALUES (:request_id, :title_id, :language, :version, :plan_digest, :attempt, :profile,
  :priority, :due, :turn, :lane, :asked_by, :state, :reason, :note, :run_id, :now, :ended_at,
  :now)
ON CONFLICT (request_id) DO UPDATE SET priority = excluded.priority, due = excluded.due,
  turn = excluded.turn, lane = excluded.lane, asked_by = excluded.asked_by,
  state = excluded.state, reason = excluded.reason, note = excluded.note, not_before = '',
  requested_at = excluded.requested_at, ended_at = excluded.ended_at,
  changed_at = excluded.changed_at
WHERE dub_request.state = 'superseded';

-- name: supersede_requests(title_id, language, version, plan_digest, now)*!
UPDATE dub_request SET state = 'superseded', reason = 'newer',
  note = 'another version or plan was asked for', ended_at = :now, changed_at = :now
WHERE title_id = :title_id AND language = :language AND state IN ('held', 'waiting')
  AND (version <> :version OR plan_digest <> :plan_digest);

-- name: last_turn_of_lane(lane, priority)$
SELECT MAX(turn) AS turn FROM dub_request
WHERE lane = :lane AND priority = :priority AND state IN ('held', 'waiting');

-- name: find_request(request_id)^
SELECT * FROM dub_request WHERE request_id = :request_id;

-- name: find_request_of_run(run_id)^
SELECT * FROM dub_request WHERE run_id = :run_id;

-- name: requests_of_title(title_id, language, state, after_title, after_language, after_id, most)
SELECT * FROM dub_request
WHERE title_id = :title_id
  AND (:language = '' OR language = :language) AND (:state = '' OR state = :state)
  AND (title_id, language, request_id) > (:after_title, :after_language, :after_id)
ORDER BY title_id, language, request_id LIMIT :most;

-- name: requests_of_series(series_id, titles, language, state, after_title, after_language, after_id, most)
SELECT * FROM dub_request
WHERE title_id IN (SELECT title_id FROM title WHERE series_id = :series_id)
  AND title_id LIKE :titles ESCAPE '!'
  AND (:language = '' OR language = :language) AND (:state = '' OR state = :state)
  AND (title_id, language, request_id) > (:after_title, :after_language, :after_id)
ORDER BY title_id, language, request_id LIMIT :most;

-- name: requests_in_state(titles, language, state, after_title, after_language, after_id, most)
SELECT * FROM dub_request
WHERE state = :state AND title_id LIKE :titles ESCAPE '!'
  AND (:language = '' OR language = :language)
  AND (title_id, language, request_id) > (:after_title, :after_language, :after_id)
ORDER BY title_id, language, request_id LIMIT :most;

-- name: requests_like(titles, language, after_title, after_language, after_id, most)
SELECT * FROM dub_request
WHERE title_id LIKE :titles ESCAPE '!' AND (:language = '' OR language = :language)
  AND (title_id, language, request_id) > (:after_title, :after_language, :after_id)
ORDER BY title_id, language, request_id LIMIT :most;

-- name: count_requests()
SELECT state, language, COUNT(*) AS count FROM dub_request
GROUP BY state, language ORDER BY state, language;

-- name: count_failures()
SELECT state, reason, COUNT(*) AS count, MIN(request_id) AS example FROM dub_request
WHERE state IN ('failed', 'refused', 'quarantined')
GROUP BY state, reason ORDER BY count DESC, state, reason;

-- name: recent_ends(since, most)
-- How dubs that were started came to an end of themselves since then, or to people, the newest first.
SELECT state, reason, changed_at AS ended_at FROM dub_request
WHERE changed_at >= :since AND claimed_at <> ''
  AND state IN ('published', 'failed', 'refused', 'quarantined', 'in_review')
ORDER BY changed_at DESC LIMIT :most;

-- name: move_request(request_id, state, was, reason, note, ended_at, now)!
-- What is claimed has no run yet: what goes on otherwise than running was never started.
UPDATE dub_request SET state = :state, reason = :reason, note = :note, changed_at = :now,
  claimed_at = CASE WHEN :state = 'waiting'
    OR state = 'claimed' AND :state IN ('refused', 'superseded') THEN '' ELSE claimed_at END,
  ended_at = :ended_at
WHERE request_id = :request_id AND state = :was;

-- name: give_way(request_id, now)!
-- Of a title and language one request waits: what is given back gives way to what came meanwhile.
UPDATE dub_request SET state = 'superseded', reason = 'newer',
  note = 'another version or plan was asked for', ended_at = :now, changed_at = :now
WHERE request_id = :request_id AND state = 'waiting' AND EXISTS
  (SELECT 1 FROM dub_request AS other
   WHERE other.title_id = dub_request.title_id AND other.language = dub_request.language
     AND other.state IN ('held', 'waiting') AND other.request_id <> dub_request.request_id);

-- name: place_request(request_id, priority, turn, now)!
UPDATE dub_request SET priority = :priority, turn = :turn, changed_at = :now
WHERE request_id = :request_id AND state IN ('held', 'waiting') AND priority <> :priority;

-- name: latest_request(title_id, language)^
-- What gave way to another one that gave way itself is wanted no more.
SELECT * FROM dub_request
WHERE title_id = :title_id AND language = :language AND state <> 'superseded'
ORDER BY requested_at DESC, attempt DESC LIMIT 1;

-- name: was_withdrawn(title_id, language, run_id)$
-- Whether what a request has brought was taken back, all of it.
SELECT MAX(CASE state WHEN 'withdrawn' THEN 1 WHEN 'current' THEN 2 ELSE 0 END) = 1 AS found
FROM release
WHERE title_id = :title_id AND language = :language
  AND substr(run_id, 1, length(:run_id)) = :run_id;
