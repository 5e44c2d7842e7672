CREATE INDEX started_run_of_title ON started_run (title_id, started_at);
DROP INDEX started_run_of_source;
ALTER TABLE started_run DROP COLUMN source_sha256;
