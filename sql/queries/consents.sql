-- name: note_consent_use(run_id, stage, consent_id)!
INSERT INTO consent_use (run_id, stage, consent_id) VALUES (:run_id, :stage, :consent_id)
ON CONFLICT (run_id, stage, consent_id) DO NOTHING;

-- name: consents_used(run_id)
SELECT DISTINCT consent_id FROM consent_use WHERE run_id = :run_id ORDER BY consent_id;
