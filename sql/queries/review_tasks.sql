-- name: next_review()^
-- The worst that nobody is shown.
SELECT review.* FROM review LEFT JOIN review_task ON review_task.run_id = review.run_id
WHERE review.state = 'open' AND review_task.run_id IS NULL
ORDER BY review.priority DESC, review.opened_at, review.run_id LIMIT 1;

-- name: show_review(run_id, task_run_id, now)!
INSERT INTO review_task (run_id, task_run_id, shown_at) VALUES (:run_id, :task_run_id, :now)
ON CONFLICT (run_id) DO NOTHING;

-- name: unshow_review(run_id, task_run_id)!
DELETE FROM review_task WHERE run_id = :run_id AND task_run_id = :task_run_id;

-- name: review_of_task(task_run_id)^
SELECT review.* FROM review JOIN review_task ON review_task.run_id = review.run_id
WHERE review_task.task_run_id = :task_run_id;

-- name: open_review_tasks()
SELECT review_task.* FROM review_task JOIN review ON review.run_id = review_task.run_id
WHERE review.state = 'open' ORDER BY review_task.shown_at;

-- name: review_task(run_id)^
SELECT * FROM review_task WHERE run_id = :run_id;

-- name: review_about(run_id)^
-- The last review in which people looked at that run.
SELECT * FROM review WHERE run_id = :run_id OR best_run_id = :run_id
ORDER BY opened_at DESC LIMIT 1;

-- name: waiting_reviews(most)
SELECT review.run_id, review.best_run_id, review.title_id, review.language, review.priority,
  review.opened_at, review.notes, dub_run.source_language, dub_run.attempt, review_task.task_run_id
FROM review
JOIN dub_run ON dub_run.run_id = review.best_run_id
LEFT JOIN review_task ON review_task.run_id = review.run_id
WHERE review.state = 'open'
ORDER BY review.priority DESC, review.opened_at, review.run_id LIMIT :most;

-- name: blocking_reasons(run_id)
SELECT scope, text FROM gate_reason WHERE run_id = :run_id AND blocking ORDER BY position;
