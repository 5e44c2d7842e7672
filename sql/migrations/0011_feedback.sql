-- What viewers and reviewers say about dubs, what it is tagged with, and what followed from it.

CREATE TABLE feedback (
  comment_id TEXT PRIMARY KEY,     -- hash of what was said: brought again, it is the same
  title_id   TEXT NOT NULL,
  language   TEXT NOT NULL,        -- of the dub
  release_id TEXT REFERENCES release (release_id),  -- current when it was said; NULL: none was
  said_by    TEXT NOT NULL CHECK (said_by IN ('viewer', 'reviewer')),
  said_in    TEXT NOT NULL,        -- language of the text
  said_at    TEXT NOT NULL,
  text       TEXT NOT NULL,
  origin     TEXT NOT NULL,        -- file or user that brought it
  tagger     TEXT NOT NULL,        -- what tagged it; '' nothing can in that language
  taken_at   TEXT NOT NULL,
  weighed_at TEXT NOT NULL DEFAULT '',
  FOREIGN KEY (title_id, language) REFERENCES dub (title_id, language)
);
CREATE INDEX feedback_of_dub ON feedback (title_id, language, said_at);
CREATE INDEX feedback_said ON feedback (said_at);
CREATE INDEX feedback_release ON feedback (release_id);
CREATE INDEX feedback_weighed ON feedback (weighed_at, release_id);

CREATE TABLE feedback_tag (
  comment_id TEXT NOT NULL REFERENCES feedback (comment_id),
  tag        TEXT NOT NULL CHECK (tag IN ('voice', 'sync', 'noise', 'translation', 'prosody')),
  PRIMARY KEY (comment_id, tag)
);

-- Files that were read, so that only new and changed ones are.
CREATE TABLE feedback_file (
  location TEXT PRIMARY KEY,
  stamp    TEXT NOT NULL,          -- size and time of change
  taken    INTEGER NOT NULL,
  refused  INTEGER NOT NULL,
  note     TEXT NOT NULL,          -- the first refusals
  read_at  TEXT NOT NULL
);

-- At most once for each kind of complaint about a release.
CREATE TABLE feedback_consequence (
  release_id TEXT NOT NULL REFERENCES release (release_id),
  tag        TEXT NOT NULL,
  complaints INTEGER NOT NULL,
  followed   TEXT NOT NULL CHECK (followed IN ('review', 'request')),
  followed_at TEXT NOT NULL,
  PRIMARY KEY (release_id, tag)
);
CREATE INDEX feedback_consequence_followed ON feedback_consequence (followed_at);
