-- What keeping house needs to know: which runs began, and what people say about dubs.

-- Runs of dub_video, from their first task on: they are judged, and so known elsewhere, much later.
CREATE TABLE started_run (
  run_id     TEXT PRIMARY KEY,
  title_id   TEXT NOT NULL,
  started_at TEXT NOT NULL
);
CREATE INDEX started_run_of_title ON started_run (title_id, started_at);
CREATE INDEX started_run_started ON started_run (started_at);
