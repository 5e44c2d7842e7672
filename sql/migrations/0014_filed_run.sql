-- Judged runs with the series that their titles are filed under, and the states of the requests that
-- they were started for; NULL without one. Either is looked up only where it is asked for.
CREATE VIEW filed_run AS
SELECT run_id, title_id, language, recorded_at,
  (SELECT title.series_id FROM title WHERE title.title_id = dub_run.title_id) AS series_id,
  (SELECT dub_request.state FROM dub_request
   WHERE dub_request.title_id = dub_run.title_id AND dub_request.language = dub_run.language
     AND substr(dub_run.run_id, 1, length(dub_request.run_id)) = dub_request.run_id
   LIMIT 1) AS state
FROM dub_run;
