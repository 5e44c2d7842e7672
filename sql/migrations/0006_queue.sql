-- Claiming 1,000 of 3,000,000 requests takes one walk over an index for each language and profile:
-- where one's quota is used up, its rows are never walked over. Turns are given from where the
-- queue is. What was used of a quota is counted from the requests themselves.

DROP TABLE quota_use;

DROP INDEX dub_request_turn;
DROP INDEX dub_request_due;
DROP INDEX dub_request_count;
DROP INDEX dub_request_lane;

CREATE INDEX dub_request_ready ON dub_request
  (language, profile, priority DESC, turn, request_id)
  WHERE state = 'waiting' AND not_before = '';
CREATE INDEX dub_request_due ON dub_request
  (language, profile, due, request_id)
  WHERE state = 'waiting' AND not_before = '' AND due < '9999';
CREATE INDEX dub_request_deferred ON dub_request (not_before)
  WHERE state = 'waiting' AND not_before <> '';
CREATE INDEX dub_request_lane ON dub_request (lane, priority, turn)
  WHERE state IN ('held', 'waiting');
CREATE INDEX dub_request_claimed ON dub_request (claimed_at, language, profile)
  WHERE claimed_at <> '';
CREATE INDEX dub_request_count ON dub_request (language, state);
CREATE INDEX dub_request_reason ON dub_request (state, reason, request_id)
  WHERE state IN ('failed', 'refused', 'quarantined');
CREATE INDEX dub_request_state ON dub_request (state, title_id, language, request_id);
CREATE INDEX dub_request_plan ON dub_request (plan_digest, state);

-- How far the queue is, by priority: the highest turn that was claimed.
CREATE TABLE queue_turn (
  priority INTEGER PRIMARY KEY CHECK (priority BETWEEN 0 AND 100),
  turn     BIGINT NOT NULL DEFAULT 0
);
INSERT INTO queue_turn (priority)
WITH RECURSIVE every (priority) AS
  (SELECT 0 UNION ALL SELECT priority + 1 FROM every WHERE priority < 100)
SELECT priority FROM every;

CREATE INDEX queue_pause_paused ON queue_pause (paused_at);
