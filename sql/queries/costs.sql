-- name: stage_costs(since, until, titles, series_id, language)
SELECT filed_run.language, stage, engine, COUNT(*) AS uses,
  SUM(CASE WHEN cached THEN 1 ELSE 0 END) AS cached,
  SUM(CASE WHEN cached THEN 0 ELSE wall_s END) AS wall_s,
  SUM(CASE WHEN cached THEN 0 ELSE gpu_s END) AS gpu_s,
  SUM(CASE WHEN cached THEN wall_s ELSE 0 END) AS saved_s
FROM filed_run JOIN stage_attempt ON stage_attempt.run_id = filed_run.run_id
WHERE recorded_at >= :since AND recorded_at < :until AND title_id LIKE :titles ESCAPE '!'
  AND (:language = '' OR filed_run.language = :language)
  AND (:series_id = '' OR series_id = :series_id)
GROUP BY filed_run.language, stage, engine
ORDER BY filed_run.language, stage, engine;

-- name: title_costs(since, until, titles, series_id, language, most)
-- The dearest first. CROSS JOIN keeps SQLite from reading all stages first.
SELECT title_id, filed_run.language, COUNT(DISTINCT filed_run.run_id) AS runs,
  SUM(CASE WHEN cached THEN 0 ELSE wall_s END) AS wall_s,
  SUM(CASE WHEN cached THEN 0 ELSE gpu_s END) AS gpu_s
FROM filed_run CROSS JOIN stage_attempt
WHERE stage_attempt.run_id = filed_run.run_id AND recorded_at >= :since AND recorded_at < :until
  AND title_id LIKE :titles ESCAPE '!'
  AND (:language = '' OR filed_run.language = :language)
  AND (:series_id = '' OR series_id = :series_id)
GROUP BY title_id, filed_run.language
ORDER BY gpu_s DESC, wall_s DESC, title_id, filed_run.language LIMIT :most;

-- name: decisions_per_day(since, until, titles, series_id, language)
SELECT substr(recorded_at, 1, 10) AS day, consequence AS what, COUNT(*) AS count
FROM filed_run JOIN gate_verdict ON gate_verdict.run_id = filed_run.run_id
WHERE recorded_at >= :since AND recorded_at < :until AND title_id LIKE :titles ESCAPE '!'
  AND (:language = '' OR language = :language) AND (:series_id = '' OR series_id = :series_id)
GROUP BY substr(recorded_at, 1, 10), consequence ORDER BY day, what;

-- name: releases_per_day(since, until, titles, series_id, language)
SELECT substr(published_at, 1, 10) AS day, 'published' AS what, COUNT(*) AS count FROM release
WHERE published_at >= :since AND published_at < :until AND title_id LIKE :titles ESCAPE '!'
  AND (:language = '' OR language = :language)
  AND (:series_id = '' OR title_id IN (SELECT title_id FROM title WHERE series_id = :series_id))
GROUP BY substr(published_at, 1, 10) ORDER BY day;

-- name: gate_outcomes(since, until, titles, series_id, language)
SELECT metric, outcome, COUNT(*) AS count
FROM filed_run JOIN gate_check ON gate_check.run_id = filed_run.run_id
WHERE recorded_at >= :since AND recorded_at < :until AND title_id LIKE :titles ESCAPE '!'
  AND (:language = '' OR language = :language) AND (:series_id = '' OR series_id = :series_id)
  AND blocking
GROUP BY metric, outcome ORDER BY metric, outcome;

-- name: latest_runs(since, until, titles, series_id, language, most)
SELECT run_id FROM filed_run
WHERE recorded_at >= :since AND recorded_at < :until AND title_id LIKE :titles ESCAPE '!'
  AND (:language = '' OR language = :language) AND (:series_id = '' OR series_id = :series_id)
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
