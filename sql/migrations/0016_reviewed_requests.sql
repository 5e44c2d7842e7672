-- Before failures pause the queue, it is looked what else has come of late: what waits for people
-- has ended well as far as that goes. What has ended was changed for the last time then.
CREATE INDEX dub_request_come ON dub_request (changed_at)
  WHERE state IN ('published', 'failed', 'refused', 'quarantined', 'in_review');
