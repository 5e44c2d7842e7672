-- name: active_requests(most)
SELECT * FROM dub_request WHERE state IN ('claimed', 'running')
ORDER BY claimed_at, request_id LIMIT :most;

-- name: decided_requests(after_title, after_language, after_id, most)
-- Those in review of which somebody has closed a review, of the first run or of a repair, and none
-- is open: a page.
SELECT dub_request.* FROM dub_request
WHERE dub_request.state = 'in_review'
  AND (dub_request.title_id, dub_request.language, dub_request.request_id)
    > (:after_title, :after_language, :after_id)
  AND (SELECT MIN(CASE WHEN review.state = 'open' THEN 0 ELSE 1 END) FROM review
    WHERE review.title_id = dub_request.title_id AND review.language = dub_request.language
      AND substr(review.run_id, 1, length(dub_request.run_id)) = dub_request.run_id) = 1
ORDER BY dub_request.title_id, dub_request.language, dub_request.request_id LIMIT :most;

-- name: mended_requests(since, most)
-- What failed or was refused since then, and is published all the same: somebody has mended it.
SELECT dub_request.* FROM dub_request
WHERE dub_request.ended_at >= :since AND dub_request.state IN ('failed', 'refused') AND EXISTS
  (SELECT 1 FROM publication WHERE publication.title_id = dub_request.title_id
   AND publication.language = dub_request.language AND publication.state = 'published'
   AND substr(publication.run_id, 1, length(dub_request.run_id)) = dub_request.run_id)
ORDER BY dub_request.ended_at, dub_request.request_id LIMIT :most;
