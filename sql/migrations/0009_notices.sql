-- What people were told of last, so that a fault that hits a thousand titles isn't told a thousand
-- times.

CREATE TABLE notice (
  about     TEXT PRIMARY KEY,      -- failure:dub_video:mux:EngineFailed
  told_at   TEXT NOT NULL,         -- '' never, though tried
  held_back INTEGER NOT NULL CHECK (held_back >= 0)  -- about the same since then, not told
);

-- The oldest request that waits, and those that are late, are looked for every two minutes.
CREATE INDEX dub_request_requested ON dub_request (requested_at) WHERE state = 'waiting';
CREATE INDEX dub_request_deadline ON dub_request (due) WHERE due < '9999';
