-- name: stage_costs(since, until, titles, patterns, series_id, language, states)
-- A scope's `titles`, `patterns` of them and `states` are names of JSON objects; no state is any.
SELECT run.language, stage, engine, COUNT(*) AS uses,
  SUM(CASE WHEN cached THEN 1 ELSE 0 END) AS cached,
  SUM(CASE WHEN cached THEN 0 ELSE wall_s END) AS wall_s,
  SUM(CASE WHEN cached THEN 0 ELSE gpu_s END) AS gpu_s,
  SUM(CASE WHEN cached THEN wall_s ELSE 0 END) AS saved_s
FROM filed_run AS run JOIN stage_attempt ON stage_attempt.run_id = run.run_id
WHERE recorded_at >= :since AND recorded_at < :until
  AND (:language = '' OR run.language = :language) AND (:series_id = '' OR series_id = :series_id)
  AND (NOT EXISTS (SELECT 1 FROM json_each(:states))
    OR run.state IN (SELECT key FROM json_each(:states)))
  AND (run.title_id IN (SELECT key FROM json_each(:titles)) OR EXISTS
    (SELECT 1 FROM json_each(:patterns) WHERE run.title_id LIKE key ESCAPE '!'))
GROUP BY run.language, stage, engine
ORDER BY run.language, stage, engine;

-- name: title_costs(since, until, titles, patterns, series_id, language, states, most)
-- The dearest first. The runs are found before they are grouped: SQLite would walk over all of them,
-- by title. CROSS JOIN keeps it from reading all stages first.
WITH run AS MATERIALIZED (
  SELECT run_id, title_id, language FROM filed_run
  WHERE recorded_at >= :since AND recorded_at < :until
    AND (:language = '' OR language = :language) AND (:series_id = '' OR series_id = :series_id)
    AND (NOT EXISTS (SELECT 1 FROM json_each(:states))
      OR state IN (SELECT key FROM json_each(:states)))
    AND (title_id IN (SELECT key FROM json_each(:titles)) OR EXISTS
      (SELECT 1 FROM json_each(:patterns) WHERE title_id LIKE key ESCAPE '!')))
SELECT title_id, language, COUNT(DISTINCT run.run_id) AS runs,
  SUM(CASE WHEN cached THEN 0 ELSE wall_s END) AS wall_s,
  SUM(CASE WHEN cached THEN 0 ELSE gpu_s END) AS gpu_s
FROM run CROSS JOIN stage_attempt
WHERE stage_attempt.run_id = run.run_id
GROUP BY title_id, language
ORDER BY gpu_s DESC, wall_s DESC, title_id, language LIMIT :most;

-- name: decisions_per_day(since, until, titles, patterns, series_id, language, states)
SELECT substr(recorded_at, 1, 10) AS day, consequence AS what, COUNT(*) AS count
FROM filed_run AS run JOIN gate_verdict ON gate_verdict.run_id = run.run_id
WHERE recorded_at >= :since AND recorded_at < :until
  AND (:language = '' OR run.language = :language) AND (:series_id = '' OR series_id = :series_id)
  AND (NOT EXISTS (SELECT 1 FROM json_each(:states))
    OR run.state IN (SELECT key FROM json_each(:states)))
  AND (run.title_id IN (SELECT key FROM json_each(:titles)) OR EXISTS
    (SELECT 1 FROM json_each(:patterns) WHERE run.title_id LIKE key ESCAPE '!'))
GROUP BY substr(recorded_at, 1, 10), consequence ORDER BY day, what;

-- name: releases_per_day(since, until, titles, patterns, series_id, language, states)
SELECT substr(published_at, 1, 10) AS day, 'published' AS what, COUNT(*) AS count
FROM release JOIN filed_run AS run ON run.run_id = release.run_id
WHERE published_at >= :since AND published_at < :until
  AND (:language = '' OR run.language = :language) AND (:series_id = '' OR series_id = :series_id)
  AND (NOT EXISTS (SELECT 1 FROM json_each(:states))
    OR run.state IN (SELECT key FROM json_each(:states)))
  AND (run.title_id IN (SELECT key FROM json_each(:titles)) OR EXISTS
    (SELECT 1 FROM json_each(:patterns) WHERE run.title_id LIKE key ESCAPE '!'))
GROUP BY substr(published_at, 1, 10) ORDER BY day;

-- name: gate_outcomes(since, until, titles, patterns, series_id, language, states)
SELECT metric, outcome, COUNT(*) AS count
FROM filed_run AS run JOIN gate_check ON gate_check.run_id = run.run_id
WHERE recorded_at >= :since AND recorded_at < :until
  AND (:language = '' OR run.language = :language) AND (:series_id = '' OR series_id = :series_id)
  AND (NOT EXISTS (SELECT 1 FROM json_each(:states))
    OR run.state IN (SELECT key FROM json_each(:states)))
  AND (run.title_id IN (SELECT key FROM json_each(:titles)) OR EXISTS
    (SELECT 1 FROM json_each(:patterns) WHERE run.title_id LIKE key ESCAPE '!'))
  AND blocking
GROUP BY metric, outcome ORDER BY metric, outcome;

-- name: latest_runs(since, until, titles, patterns, series_id, language, states, most)
SELECT run_id FROM filed_run AS run
WHERE recorded_at >= :since AND recorded_at < :until
  AND (:language = '' OR run.language = :language) AND (:series_id = '' OR series_id = :series_id)
  AND (NOT EXISTS (SELECT 1 FROM json_each(:states))
    OR run.state IN (SELECT key FROM json_each(:states)))
  AND (run.title_id IN (SELECT key FROM json_each(:titles)) OR EXISTS
    (SELECT 1 FROM json_each(:patterns) WHERE run.title_id LIKE key ESCAPE '!'))
ORDER BY recorded_at DESC LIMIT :most;

-- name: stage_samples(ids)
-- Of runs, the names of a JSON object.
SELECT dub_run.run_id, dub_run.language, stage, engine, cached, wall_s, gpu_s
FROM dub_run JOIN stage_attempt ON stage_attempt.run_id = dub_run.run_id
WHERE dub_run.run_id IN (SELECT key FROM json_each(:ids))
ORDER BY dub_run.run_id, position;

-- name: metric_samples(ids)
-- Of runs, the names of a JSON object, and of metrics that their gates block by.
SELECT metric.metric, metric.unit, dub_run.language, metric.value
FROM dub_run JOIN gate_verdict ON gate_verdict.run_id = dub_run.run_id
  JOIN gate_check ON gate_check.run_id = dub_run.run_id AND blocking
  JOIN metric ON metric.fingerprint = gate_verdict.fingerprint AND metric.metric = gate_check.metric
WHERE dub_run.run_id IN (SELECT key FROM json_each(:ids))
  AND metric.value IS NOT NULL AND metric.scope = 'title'
ORDER BY metric.metric, dub_run.language, metric.value;
