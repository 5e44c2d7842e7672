DROP TABLE started_run;
