-- name: next_group(language, profile)^
-- The next language and profile that something waits for, from "" and "" on.
SELECT language, profile FROM dub_request
WHERE state = 'waiting' AND not_before = '' AND (language, profile) > (:language, :profile)
ORDER BY language, profile LIMIT 1;

-- name: next_due(language, profile, due_before, due, request_id, most)
-- A page of what is due soon, the earliest first, after the last one that was seen. Of what a title
-- has a run for in that language, the next one waits until that has ended: the newer is judged last.
-- OFFSET keeps PostgreSQL from making a join of it, which reads all that have a run for each row.
SELECT * FROM dub_request
WHERE state = 'waiting' AND not_before = '' AND due < '9999'
  AND language = :language AND profile = :profile AND due < :due_before
  AND (due, request_id) > (:due, :request_id)
  AND NOT EXISTS
    (SELECT 1 FROM dub_request AS other
     WHERE other.title_id = dub_request.title_id AND other.language = dub_request.language
       AND other.state IN ('claimed', 'running') LIMIT 1 OFFSET 0)
ORDER BY due, request_id LIMIT :most /* FOR UPDATE SKIP LOCKED */;

-- name: next_ready(language, profile, priority, turn, request_id, most)
-- A page of what waits, in the fair order, after the last one that was seen; see next_due.
SELECT * FROM dub_request
WHERE state = 'waiting' AND not_before = '' AND language = :language AND profile = :profile
  AND priority <= :priority
  AND (priority < :priority OR (turn, request_id) > (:turn, :request_id))
  AND NOT EXISTS
    (SELECT 1 FROM dub_request AS other
     WHERE other.title_id = dub_request.title_id AND other.language = dub_request.language
       AND other.state IN ('claimed', 'running') LIMIT 1 OFFSET 0)
ORDER BY priority DESC, turn, request_id LIMIT :most /* FOR UPDATE SKIP LOCKED */;

-- name: mark_claimed(ids, now)!
-- All at once: ids are the names of a JSON object, which both databases take apart alike.
UPDATE dub_request SET state = 'claimed', reason = '', note = '', claimed_at = :now,
  changed_at = :now
WHERE request_id IN (SELECT key FROM json_each(:ids));

-- name: mark_refused(request_id, reason, note, now)*!
UPDATE dub_request SET state = 'refused', reason = :reason, note = :note, ended_at = :now,
  changed_at = :now
WHERE request_id = :request_id;

-- name: defer_requests(request_id, not_before, reason, now)*!
UPDATE dub_request SET not_before = :not_before, reason = :reason, changed_at = :now
WHERE request_id = :request_id;

-- name: undefer_requests(now, most)!
-- What may be claimed again, some at a time.
UPDATE dub_request SET not_before = '', reason = '' WHERE request_id IN
  (SELECT request_id FROM dub_request
   WHERE state = 'waiting' AND not_before <> '' AND not_before <= :now
   ORDER BY not_before LIMIT :most /* FOR UPDATE SKIP LOCKED */);

-- name: queue_turn(priority)$
SELECT turn FROM queue_turn WHERE priority = :priority;

-- name: reach_turn(priority, turn)!
-- Nobody waits for another one who claims: he notes about the same turn.
UPDATE queue_turn SET turn = :turn WHERE priority IN
  (SELECT priority FROM queue_turn WHERE priority = :priority AND turn < :turn
   /* FOR UPDATE SKIP LOCKED */);

-- name: count_active()$
SELECT COUNT(*) AS count FROM dub_request WHERE state IN ('claimed', 'running');
