DROP INDEX dub_request_come;
