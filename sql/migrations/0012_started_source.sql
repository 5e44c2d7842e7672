-- Work is shared by all titles of the same source: what runs work on is its bytes, not its name.
ALTER TABLE started_run ADD COLUMN source_sha256 TEXT NOT NULL DEFAULT '';
CREATE INDEX started_run_of_source ON started_run (source_sha256, started_at);
DROP INDEX started_run_of_title;
