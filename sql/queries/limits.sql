-- name: find_quotas()
SELECT scope, unit, per_day FROM quota ORDER BY scope, unit;

-- name: hold_quotas()
-- Until the transaction ends, nobody else counts against them.
SELECT scope, unit, per_day FROM quota ORDER BY scope, unit /* FOR UPDATE */;

-- name: set_quota(scope, unit, per_day)!
INSERT INTO quota (scope, unit, per_day) VALUES (:scope, :unit, :per_day)
ON CONFLICT (scope, unit) DO UPDATE SET per_day = excluded.per_day;

-- name: remove_quota(scope, unit)!
DELETE FROM quota WHERE scope = :scope AND unit = :unit;

-- name: dubs_claimed(since, until)
SELECT language, profile, COUNT(*) AS used FROM dub_request
WHERE claimed_at >= :since AND claimed_at < :until AND claimed_at <> ''
GROUP BY language, profile;

-- name: gpu_seconds_used(since, until)
-- By runs that were judged then. What was found in the store was used before.
SELECT dub_run.language, dub_run.profile, SUM(stage_attempt.gpu_s) AS used
FROM dub_run JOIN stage_attempt ON stage_attempt.run_id = dub_run.run_id
WHERE dub_run.recorded_at >= :since AND dub_run.recorded_at < :until AND NOT stage_attempt.cached
GROUP BY dub_run.language, dub_run.profile;

-- name: has_rights_windows()$
SELECT 1 AS found FROM rights_window LIMIT 1;

-- name: rights_opening(title_id, language, base, now)$
-- NULL when no window is about it, '' when one is open, '9999' when none will open again, else the
-- time when the next one opens.
SELECT MIN(CASE WHEN closes_at <= :now THEN '9999' WHEN opens_at <= :now THEN '' ELSE opens_at END)
  AS opens_at
FROM rights_window
WHERE language IN ('', :base, :language) AND (title_id = :title_id OR (title_id = '' AND series_id =
  (SELECT series_id FROM title WHERE title.title_id = :title_id)));

-- name: set_rights(window_id, title_id, series_id, language, opens_at, closes_at)!
INSERT INTO rights_window (window_id, title_id, series_id, language, opens_at, closes_at)
VALUES (:window_id, :title_id, :series_id, :language, :opens_at, :closes_at)
ON CONFLICT (window_id) DO UPDATE SET title_id = excluded.title_id,
  series_id = excluded.series_id, language = excluded.language, opens_at = excluded.opens_at,
  closes_at = excluded.closes_at;

-- name: remove_rights(window_id)!
DELETE FROM rights_window WHERE window_id = :window_id;

-- name: find_rights(window_id)^
SELECT * FROM rights_window WHERE window_id = :window_id;

-- name: all_rights(after, most)
SELECT * FROM rights_window WHERE window_id > :after ORDER BY window_id LIMIT :most;

-- name: look_again_at_title(title_id, now)!
-- What waits for a window of a title is looked at again: its windows have changed.
UPDATE dub_request SET not_before = '', reason = '', changed_at = :now
WHERE title_id = :title_id AND state = 'waiting' AND not_before <> '';

-- name: look_again_at_series(series_id, now)!
UPDATE dub_request SET not_before = '', reason = '', changed_at = :now
WHERE title_id IN (SELECT title_id FROM title WHERE series_id = :series_id)
  AND state = 'waiting' AND not_before <> '';

-- name: open_pause()^
SELECT * FROM queue_pause WHERE ended_at = '' ORDER BY paused_at LIMIT 1;

-- name: all_pauses(most)
SELECT * FROM queue_pause ORDER BY paused_at DESC, pause_id LIMIT :most;

-- name: pause_queue(pause_id, reason, note, now)!
INSERT INTO queue_pause (pause_id, reason, note, paused_at)
SELECT :pause_id, :reason, :note, :now
WHERE NOT EXISTS (SELECT 1 FROM queue_pause WHERE ended_at = '');

-- name: resume_queue(who, now)!
UPDATE queue_pause SET ended_at = :now, ended_by = :who WHERE ended_at = '';
