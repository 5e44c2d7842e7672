-- Which run of review_dub shows a review to people: each review is shown by one, each shows one.

CREATE TABLE review_task (
  run_id      TEXT PRIMARY KEY REFERENCES review (run_id),
  task_run_id TEXT NOT NULL UNIQUE,
  shown_at    TEXT NOT NULL
);
