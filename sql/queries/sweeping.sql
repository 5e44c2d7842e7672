-- name: note_start(run_id, title_id, source_sha256, now)!
INSERT INTO started_run (run_id, title_id, source_sha256, started_at)
VALUES (:run_id, :title_id, :source_sha256, :now)
ON CONFLICT (run_id) DO UPDATE SET source_sha256 = excluded.source_sha256,
  started_at = excluded.started_at;

-- name: forget_starts(since)!
DELETE FROM started_run WHERE started_at < :since;

-- name: runs_in_need(fingerprint, since)$
-- Runs that a piece of work is part of and that may still need it, or whose source others work on.
SELECT COUNT(*) FROM stage_attempt
JOIN dub_run ON dub_run.run_id = stage_attempt.run_id
WHERE stage_attempt.fingerprint = :fingerprint AND (
  dub_run.recorded_at >= :since
  OR EXISTS (SELECT 1 FROM release WHERE release.run_id = dub_run.run_id
    AND (release.state = 'current' OR release.changed_at >= :since))
  OR EXISTS (SELECT 1 FROM publication WHERE publication.run_id = dub_run.run_id
    AND publication.state = 'pending')
  OR EXISTS (SELECT 1 FROM repair WHERE repair.run_id = dub_run.run_id
    AND repair.state IN ('queued', 'started'))
  OR EXISTS (SELECT 1 FROM review WHERE review.run_id = dub_run.run_id AND review.state = 'open')
  OR EXISTS (SELECT 1 FROM review WHERE review.best_run_id = dub_run.run_id
    AND review.state = 'open')
  OR EXISTS (SELECT 1 FROM source_version
    JOIN dub_request ON dub_request.title_id = source_version.title_id
      AND dub_request.version = source_version.version
    WHERE source_version.source_sha256 = dub_run.source_sha256
      AND dub_request.state IN ('held', 'waiting', 'claimed', 'running', 'in_review'))
  OR EXISTS (SELECT 1 FROM started_run WHERE started_run.source_sha256 = dub_run.source_sha256
    AND started_run.started_at >= :since));
