-- name: open_publication(run_id, title_id, language, note, now)!
INSERT INTO publication (run_id, title_id, language, state, note, opened_at, changed_at)
VALUES (:run_id, :title_id, :language, 'pending', :note, :now, :now)
ON CONFLICT (run_id) DO NOTHING;

-- name: open_repair(run_id, title_id, language, next_attempt, plan, note, now)!
INSERT INTO repair
  (run_id, title_id, language, next_attempt, plan, state, note, opened_at, changed_at)
VALUES (:run_id, :title_id, :language, :next_attempt, :plan, 'queued', :note, :now, :now);

-- name: reopen_repair(run_id, title_id, language, next_attempt, plan, note, now)!
INSERT INTO repair
  (run_id, title_id, language, next_attempt, plan, state, note, opened_at, changed_at)
VALUES (:run_id, :title_id, :language, :next_attempt, :plan, 'queued', :note, :now, :now)
ON CONFLICT (run_id) DO UPDATE SET next_attempt = excluded.next_attempt, plan = excluded.plan,
  state = excluded.state, note = excluded.note, opened_at = excluded.opened_at,
  changed_at = excluded.changed_at;

-- name: open_review(run_id, title_id, language, best_run_id, priority, now)!
INSERT INTO review
  (run_id, title_id, language, best_run_id, state, priority, opened_at, changed_at)
VALUES (:run_id, :title_id, :language, :best_run_id, 'open', :priority, :now, :now);

-- name: open_quarantine(run_id, title_id, language, reason, now)!
INSERT INTO quarantine (run_id, title_id, language, reason, state, opened_at, changed_at)
VALUES (:run_id, :title_id, :language, :reason, 'held', :now, :now)
ON CONFLICT (run_id) DO NOTHING;

-- name: finish_repair(run_id, now)!
-- The attempt that a repair asked for has been judged.
UPDATE repair SET state = 'done', changed_at = :now
WHERE run_id = :run_id AND state IN ('queued', 'started');

-- name: supersede_repairs(title_id, language, run_id, now)!
UPDATE repair SET state = 'superseded', note = :run_id, changed_at = :now
WHERE title_id = :title_id AND language = :language AND run_id <> :run_id
  AND state IN ('queued', 'started');

-- name: supersede_reviews(title_id, language, run_id, now)!
UPDATE review SET state = 'superseded', notes = :run_id, changed_at = :now
WHERE title_id = :title_id AND language = :language AND run_id <> :run_id AND state = 'open';

-- name: find_publication(run_id)^
SELECT * FROM publication WHERE run_id = :run_id;

-- name: find_publications(state)
SELECT * FROM publication WHERE state = :state ORDER BY opened_at, run_id;

-- name: find_repair(run_id)^
SELECT * FROM repair WHERE run_id = :run_id;

-- name: find_repairs(state)
SELECT * FROM repair WHERE state = :state ORDER BY opened_at, run_id;

-- name: find_quarantine(run_id)^
SELECT * FROM quarantine WHERE run_id = :run_id;

-- name: find_quarantines(state)
SELECT * FROM quarantine WHERE state = :state ORDER BY opened_at, run_id;

-- name: move_publication(run_id, state, was, note, now)!
UPDATE publication SET state = :state, note = :note, changed_at = :now
WHERE run_id = :run_id AND state = :was;

-- name: move_repair(run_id, state, was, note, now)!
UPDATE repair SET state = :state, note = :note, changed_at = :now
WHERE run_id = :run_id AND state = :was;

-- name: move_quarantine(run_id, state, was, note, now)!
UPDATE quarantine SET state = :state, note = :note, changed_at = :now
WHERE run_id = :run_id AND state = :was;

-- name: find_review(run_id)^
SELECT * FROM review WHERE run_id = :run_id;

-- name: find_reviews(state, most)
SELECT * FROM review WHERE state = :state
ORDER BY priority DESC, opened_at, run_id LIMIT :most;

-- name: close_review(run_id, state, who, why, notes, now)!
UPDATE review SET state = :state, who = :who, why = :why, notes = :notes, changed_at = :now
WHERE run_id = :run_id AND state = 'open';

-- name: insert_waiver(run_id, review_id, who, why, now)!
-- Asked again about a run that was published by one: the words in its release hold.
INSERT INTO waiver (run_id, review_id, who, why, given_at)
VALUES (:run_id, :review_id, :who, :why, :now)
ON CONFLICT (run_id, review_id) DO NOTHING;

-- name: find_waivers(run_id)
SELECT * FROM waiver WHERE run_id = :run_id OR review_id = :run_id ORDER BY given_at;
