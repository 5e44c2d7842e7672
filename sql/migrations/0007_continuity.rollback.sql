DROP TABLE glossary_term;
DROP TABLE episode_voice;
DROP TABLE character_voice;
DROP TABLE character_label;
DROP TABLE character;
