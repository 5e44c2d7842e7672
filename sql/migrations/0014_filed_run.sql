-- Judged runs with the series that their titles are filed under; NULL outside any.
CREATE VIEW filed_run AS
SELECT run_id, title_id, language, recorded_at,
  (SELECT title.series_id FROM title WHERE title.title_id = dub_run.title_id) AS series_id
FROM dub_run;
