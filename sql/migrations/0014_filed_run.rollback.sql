DROP VIEW filed_run;
