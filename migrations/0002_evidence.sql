-- The reasons of a confidence. A constant default is kept in the catalogue: no row of the table is written anew.

ALTER TABLE sightings ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN sightings.evidence IS 'What speaks for and against it: [{reason, points}], whose points add up to confidence. Empty in rows of before reasons were kept.';
