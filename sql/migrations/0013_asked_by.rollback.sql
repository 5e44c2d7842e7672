ALTER TABLE dub_request DROP COLUMN asked_by;
