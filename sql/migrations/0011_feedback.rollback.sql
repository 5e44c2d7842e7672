DROP TABLE feedback_consequence;
DROP TABLE feedback_file;
DROP TABLE feedback_tag;
DROP TABLE feedback;
