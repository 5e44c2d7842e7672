-- name: has_dub(title_id, language)$
SELECT COUNT(*) FROM dub WHERE title_id = :title_id AND language = :language;

-- name: release_then(title_id, language, said_at)$
SELECT release_id FROM release
WHERE title_id = :title_id AND language = :language AND published_at <= :said_at
ORDER BY published_at DESC LIMIT 1;

-- name: insert_comment(comment_id, title_id, language, release_id, said_by, said_in, said_at, text, origin, tagger, now)!
INSERT INTO feedback (comment_id, title_id, language, release_id, said_by, said_in, said_at, text,
  origin, tagger, taken_at)
VALUES (:comment_id, :title_id, :language, :release_id, :said_by, :said_in, :said_at, :text,
  :origin, :tagger, :now)
ON CONFLICT (comment_id) DO NOTHING;

-- name: insert_tags(comment_id, tag)*!
INSERT INTO feedback_tag (comment_id, tag) VALUES (:comment_id, :tag);

-- name: comments_of_title(title_id, most)
SELECT comment_id, title_id, language, text, said_by, said_in, said_at, origin
FROM feedback WHERE title_id = :title_id ORDER BY said_at DESC, comment_id LIMIT :most;

-- name: tags_of_comment(comment_id)
SELECT tag FROM feedback_tag WHERE comment_id = :comment_id ORDER BY tag;

-- name: find_feedback_file(location)^
SELECT * FROM feedback_file WHERE location = :location;

-- name: note_feedback_file(location, stamp, taken, refused, note, now)!
INSERT INTO feedback_file (location, stamp, taken, refused, note, read_at)
VALUES (:location, :stamp, :taken, :refused, :note, :now)
ON CONFLICT (location) DO UPDATE SET stamp = excluded.stamp, taken = excluded.taken,
  refused = excluded.refused, note = excluded.note, read_at = excluded.read_at;

-- name: complaints_by_title(since, most)
-- What was said lately is found before it is grouped: SQLite would walk over all, by title.
WITH said AS MATERIALIZED (
  SELECT comment_id, title_id, language FROM feedback WHERE said_at >= :since)
SELECT said.title_id, said.language, feedback_tag.tag, COUNT(*) AS comments
FROM said CROSS JOIN feedback_tag
WHERE feedback_tag.comment_id = said.comment_id
GROUP BY said.title_id, said.language, feedback_tag.tag
ORDER BY comments DESC, said.title_id, said.language, feedback_tag.tag LIMIT :most;

-- name: complaints_by_engine(since)
-- CROSS: SQLite joins in this order, and so reads no comments of earlier times.
SELECT stage_attempt.stage, stage_attempt.engine, feedback_tag.tag, COUNT(*) AS comments
FROM feedback
CROSS JOIN feedback_tag
JOIN release ON release.release_id = feedback.release_id
JOIN stage_attempt ON stage_attempt.run_id = release.run_id
WHERE feedback.said_at >= :since AND feedback_tag.comment_id = feedback.comment_id
GROUP BY stage_attempt.stage, stage_attempt.engine, feedback_tag.tag
ORDER BY comments DESC, stage_attempt.stage, stage_attempt.engine, feedback_tag.tag;

-- name: comments_by_engine(since)
-- All that was said about what an engine had a part in, complaints or not.
SELECT stage_attempt.stage, stage_attempt.engine, COUNT(*) AS comments
FROM feedback
JOIN release ON release.release_id = feedback.release_id
JOIN stage_attempt ON stage_attempt.run_id = release.run_id
WHERE feedback.said_at >= :since
GROUP BY stage_attempt.stage, stage_attempt.engine;

-- name: unweighed_releases(most)
SELECT DISTINCT release_id FROM feedback
WHERE weighed_at = '' AND release_id IS NOT NULL ORDER BY release_id LIMIT :most;

-- name: complaints_of_release(release_id)
SELECT feedback_tag.tag, COUNT(*) AS comments
FROM feedback JOIN feedback_tag ON feedback_tag.comment_id = feedback.comment_id
WHERE feedback.release_id = :release_id GROUP BY feedback_tag.tag;

-- name: followed_tags(release_id)
SELECT tag FROM feedback_consequence WHERE release_id = :release_id;

-- name: insert_followed(release_id, tag, complaints, followed, now)!
INSERT INTO feedback_consequence (release_id, tag, complaints, followed, followed_at)
VALUES (:release_id, :tag, :complaints, :followed, :now)
ON CONFLICT (release_id, tag) DO NOTHING;

-- name: mark_weighed(release_id, now)!
UPDATE feedback SET weighed_at = :now WHERE weighed_at = '' AND release_id = :release_id;

-- name: last_run(title_id, language)$
SELECT last_run_id FROM dub WHERE title_id = :title_id AND language = :language;

-- name: reopen_review(run_id, title_id, language, best_run_id, priority, notes, now)!
INSERT INTO review
  (run_id, title_id, language, best_run_id, state, priority, notes, opened_at, changed_at)
VALUES (:run_id, :title_id, :language, :best_run_id, 'open', :priority, :notes, :now, :now)
ON CONFLICT (run_id) DO UPDATE SET state = 'open', best_run_id = excluded.best_run_id,
  priority = excluded.priority, who = '', why = '', notes = excluded.notes,
  opened_at = excluded.opened_at, changed_at = excluded.changed_at
WHERE review.state <> 'open';

-- name: forget_shown(run_id)!
DELETE FROM review_task WHERE run_id = :run_id;
