DROP TABLE consent_trace;
DROP TABLE consent_use;
DROP TABLE cast_member;
DROP TABLE consent;
