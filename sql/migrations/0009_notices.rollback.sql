DROP INDEX dub_request_requested;
DROP INDEX dub_request_deadline;
DROP TABLE notice;
