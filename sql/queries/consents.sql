-- name: insert_consent(consent_id, person, uses, languages, territories, expires_at, evidence_sha256, evidence_name, now)!
INSERT INTO consent (consent_id, person, uses, languages, territories, expires_at,
  evidence_sha256, evidence_name, granted_at)
VALUES (:consent_id, :person, :uses, :languages, :territories, :expires_at,
  :evidence_sha256, :evidence_name, :now)
ON CONFLICT (consent_id) DO NOTHING;

-- name: find_consent(consent_id)^
SELECT * FROM consent WHERE consent_id = :consent_id;

-- name: all_consents(most)
SELECT * FROM consent ORDER BY person, granted_at, consent_id LIMIT :most;

-- name: consents_of_person(person)
SELECT * FROM consent WHERE person = :person ORDER BY granted_at, consent_id;

-- name: consents_of_title(title_id)
SELECT * FROM consent
WHERE person IN (SELECT person FROM cast_member WHERE title_id = :title_id)
ORDER BY person, granted_at, consent_id;

-- name: revoke_consent(consent_id, why, now)!
UPDATE consent SET revoked_at = :now, revoked_why = :why
WHERE consent_id = :consent_id AND revoked_at = '';

-- name: mark_erased(consent_id, now)!
UPDATE consent SET erased_at = :now WHERE consent_id = :consent_id AND erased_at = '';

-- name: set_cast_member(title_id, speaker, person, now)!
INSERT INTO cast_member (title_id, speaker, person, changed_at)
VALUES (:title_id, :speaker, :person, :now)
ON CONFLICT (title_id, speaker)
DO UPDATE SET person = excluded.person, changed_at = excluded.changed_at;

-- name: remove_cast_member(title_id, speaker)!
DELETE FROM cast_member WHERE title_id = :title_id AND speaker = :speaker;

-- name: find_cast(title_id)
SELECT speaker, person FROM cast_member WHERE title_id = :title_id ORDER BY speaker;

-- name: forget_consent_uses(run_id, stage)!
DELETE FROM consent_use WHERE run_id = :run_id AND stage = :stage;

-- name: note_consent_use(run_id, stage, consent_id, use)!
INSERT INTO consent_use (run_id, stage, consent_id, use)
VALUES (:run_id, :stage, :consent_id, :use)
ON CONFLICT (run_id, stage, consent_id) DO NOTHING;

-- name: consents_used(run_id)
SELECT DISTINCT consent_id, use FROM consent_use WHERE run_id = :run_id ORDER BY consent_id, use;

-- name: runs_under_consent(consent_id)
SELECT DISTINCT run_id FROM consent_use WHERE consent_id = :consent_id ORDER BY run_id;

-- name: note_trace(consent_id, folder)!
INSERT INTO consent_trace (consent_id, folder) VALUES (:consent_id, :folder)
ON CONFLICT (consent_id, folder) DO NOTHING;

-- name: forget_trace(consent_id, folder)!
DELETE FROM consent_trace WHERE consent_id = :consent_id AND folder = :folder;

-- name: find_traces(consent_id)
SELECT folder FROM consent_trace WHERE consent_id = :consent_id ORDER BY folder;

-- name: traced_consents(folder)
SELECT consent_id FROM consent_trace WHERE folder = :folder;
