DROP TABLE review_task;
