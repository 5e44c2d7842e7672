-- name: lock_dub(title_id, language, run_id, now)!
-- Holds the title's row until the transaction ends: two judgements of a title wait for each other.
INSERT INTO dub (title_id, language, last_run_id, changed_at)
VALUES (:title_id, :language, :run_id, :now)
ON CONFLICT (title_id, language) DO UPDATE SET title_id = excluded.title_id;

-- name: set_last_run(title_id, language, run_id, now)!
UPDATE dub SET last_run_id = :run_id, changed_at = :now
WHERE title_id = :title_id AND language = :language;

-- name: run_digest(run_id)$
SELECT digest FROM dub_run WHERE run_id = :run_id;

-- name: insert_run(run_id, title_id, language, source_language, source_sha256, profile, attempt, parent_run_id, manifest, best_run_id, digest, now)!
INSERT INTO dub_run (run_id, title_id, language, source_language, source_sha256, profile, attempt,
  parent_run_id, manifest, best_run_id, digest, recorded_at)
VALUES (:run_id, :title_id, :language, :source_language, :source_sha256, :profile, :attempt,
  :parent_run_id, :manifest, :best_run_id, :digest, :now);

-- name: insert_stages(run_id, position, stage, engine, fingerprint, result_key, cached, wall_s, gpu_s)*!
INSERT INTO stage_attempt
  (run_id, position, stage, engine, fingerprint, result_key, cached, wall_s, gpu_s)
VALUES
  (:run_id, :position, :stage, :engine, :fingerprint, :result_key, :cached, :wall_s, :gpu_s);

-- name: insert_metrics(fingerprint, position, metric, scope, value, word, unit, direction, n_scored, n_skipped, coverage, method, version, absent, lines)*!
INSERT INTO metric (fingerprint, position, metric, scope, value, word, unit, direction,
  n_scored, n_skipped, coverage, method, version, absent, lines)
VALUES (:fingerprint, :position, :metric, :scope, :value, :word, :unit, :direction,
  :n_scored, :n_skipped, :coverage, :method, :version, :absent, :lines)
ON CONFLICT (fingerprint, metric) DO NOTHING;

-- name: insert_verdict(run_id, gates, fingerprint, consequence, data_docs)!
INSERT INTO gate_verdict (run_id, gates, fingerprint, consequence, data_docs)
VALUES (:run_id, :gates, :fingerprint, :consequence, :data_docs);

-- name: insert_checks(run_id, position, metric, unit, value, bound, worst, worst_bound, worst_segment, outcome, blocking)*!
INSERT INTO gate_check (run_id, position, metric, unit, value, bound, worst, worst_bound,
  worst_segment, outcome, blocking)
VALUES (:run_id, :position, :metric, :unit, :value, :bound, :worst, :worst_bound,
  :worst_segment, :outcome, :blocking);

-- name: insert_reasons(run_id, position, code, metric, scope, text, consequence, blocking, value, bound)*!
INSERT INTO gate_reason
  (run_id, position, code, metric, scope, text, consequence, blocking, value, bound)
VALUES
  (:run_id, :position, :code, :metric, :scope, :text, :consequence, :blocking, :value, :bound);

-- name: find_run(run_id)^
SELECT * FROM dub_run WHERE run_id = :run_id;

-- name: runs_of_title(title_id, language)
SELECT * FROM dub_run WHERE title_id = :title_id AND language = :language
ORDER BY recorded_at DESC, attempt DESC, run_id DESC;

-- name: find_stages(run_id)
SELECT stage, engine, fingerprint, result_key, cached, wall_s, gpu_s
FROM stage_attempt WHERE run_id = :run_id ORDER BY position;

-- name: find_metrics(fingerprint)
SELECT * FROM metric WHERE fingerprint = :fingerprint ORDER BY position;

-- name: find_verdict(run_id)^
SELECT * FROM gate_verdict WHERE run_id = :run_id;

-- name: find_checks(run_id)
SELECT metric, unit, value, bound, worst, worst_bound, worst_segment, outcome, blocking
FROM gate_check WHERE run_id = :run_id ORDER BY position;

-- name: find_reasons(run_id)
SELECT code, metric, scope, text, consequence, blocking, value, bound
FROM gate_reason WHERE run_id = :run_id ORDER BY position;
