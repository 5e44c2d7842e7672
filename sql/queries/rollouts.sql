-- name: begin_rollout(plan_digest, profile, language, canaries, now)!
INSERT INTO rollout (plan_digest, profile, language, canaries, state, began_at, changed_at)
VALUES (:plan_digest, :profile, :language, :canaries, 'trying', :now, :now)
ON CONFLICT (plan_digest) DO NOTHING;

-- name: find_rollout(plan_digest)^
SELECT * FROM rollout WHERE plan_digest = :plan_digest;

-- name: hold_rollout(plan_digest)^
-- Until the transaction ends, nobody else lets requests of the plan go, holds them, or ends it.
SELECT * FROM rollout WHERE plan_digest = :plan_digest /* FOR UPDATE */;

-- name: find_rollouts(state)
SELECT * FROM rollout WHERE state = :state ORDER BY began_at, plan_digest;

-- name: move_rollout(plan_digest, state, was, note, now)!
UPDATE rollout SET state = :state, note = :note, changed_at = :now
WHERE plan_digest = :plan_digest AND state = :was;

-- name: count_canaries(plan_digest)$
-- Requests of a plan that aren't held, by it or by their rights; the last attempt at each.
-- OFFSET keeps PostgreSQL from making a join of it: few go while a plan is tried.
SELECT COUNT(*) AS count FROM dub_request WHERE plan_digest = :plan_digest AND reason <> 'rights'
  AND state IN ('waiting', 'claimed', 'running', 'published', 'in_review', 'quarantined',
    'failed', 'refused')
  AND NOT EXISTS
    (SELECT 1 FROM dub_request AS later
     WHERE later.title_id = dub_request.title_id AND later.language = dub_request.language
       AND later.version = dub_request.version AND later.plan_digest = dub_request.plan_digest
       AND later.attempt > dub_request.attempt LIMIT 1 OFFSET 0);

-- name: count_plan(plan_digest)
-- What rights hold back or refuse says nothing about the plan, nor what went wrong and was tried
-- again since.
SELECT state, COUNT(*) AS count FROM dub_request
WHERE plan_digest = :plan_digest AND reason <> 'rights'
  AND (state NOT IN ('failed', 'refused', 'quarantined') OR NOT EXISTS
    (SELECT 1 FROM dub_request AS later
     WHERE later.title_id = dub_request.title_id AND later.language = dub_request.language
       AND later.version = dub_request.version AND later.plan_digest = dub_request.plan_digest
       AND later.attempt > dub_request.attempt))
GROUP BY state;

-- name: release_held(plan_digest, now)!
UPDATE dub_request SET state = 'waiting', reason = '', note = '', changed_at = :now
WHERE plan_digest = :plan_digest AND state = 'held';

-- name: release_canaries(plan_digest, most, now)!
UPDATE dub_request SET state = 'waiting', reason = '', note = '', changed_at = :now
WHERE request_id IN
  (SELECT request_id FROM dub_request WHERE plan_digest = :plan_digest AND state = 'held'
   ORDER BY priority DESC, turn, request_id LIMIT :most);

-- name: insert_order(order_id, titles, series_id, language, profile, priority, deadline_hours, now)!
INSERT INTO standing_order
  (order_id, titles, series_id, language, profile, priority, deadline_hours, ordered_at)
VALUES (:order_id, :titles, :series_id, :language, :profile, :priority, :deadline_hours, :now)
ON CONFLICT (order_id) DO NOTHING;

-- name: find_order(order_id)^
SELECT * FROM standing_order WHERE order_id = :order_id;

-- name: standing_orders()
SELECT * FROM standing_order WHERE ended_at = '' ORDER BY ordered_at, order_id;

-- name: end_order(order_id, now)!
UPDATE standing_order SET ended_at = :now WHERE order_id = :order_id AND ended_at = '';
