-- What was used of quotas today isn't known any more; the queue's turns stay.
DROP INDEX queue_pause_paused;
DROP TABLE queue_turn;

DROP INDEX dub_request_ready;
DROP INDEX dub_request_due;
DROP INDEX dub_request_deferred;
DROP INDEX dub_request_lane;
DROP INDEX dub_request_claimed;
DROP INDEX dub_request_count;
DROP INDEX dub_request_reason;
DROP INDEX dub_request_state;
DROP INDEX dub_request_plan;

CREATE INDEX dub_request_turn ON dub_request (state, priority DESC, turn, request_id);
CREATE INDEX dub_request_due ON dub_request (state, due, priority DESC, request_id);
CREATE INDEX dub_request_count ON dub_request (state, language, reason);
CREATE INDEX dub_request_lane ON dub_request (lane, state);

CREATE TABLE quota_use (
  day   TEXT NOT NULL,
  scope TEXT NOT NULL,
  unit  TEXT NOT NULL,
  used  DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (day, scope, unit)
);
