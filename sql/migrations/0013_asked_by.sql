-- Who wants a dub: what a person asked for gives way to nobody else.
ALTER TABLE dub_request ADD COLUMN asked_by TEXT NOT NULL DEFAULT 'person'
  CHECK (asked_by IN ('person', 'order', 'complaints'));

UPDATE dub_request SET asked_by = 'order' WHERE substr(lane, 1, 11) = 'dub_catalog';
UPDATE dub_request SET asked_by = 'complaints' WHERE lane = 'feedback';
