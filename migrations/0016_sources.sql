-- Who stands behind a source and which sectors it is about. Constant defaults are kept in the catalogue: no row is
-- written anew. What was read before has these until it is read again or a person says otherwise.

ALTER TABLE submissions
    ADD COLUMN category text NOT NULL DEFAULT 'community',
    ADD COLUMN category_by_hand boolean NOT NULL DEFAULT false,
    ADD COLUMN industries text[] NOT NULL DEFAULT '{}',
    ADD COLUMN industries_by_hand boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN submissions.category IS 'Who stands behind the source: government, commercial, community, or a word of one''s own.';
COMMENT ON COLUMN submissions.category_by_hand IS 'The category was given by a person: reading the document again keeps it.';
COMMENT ON COLUMN submissions.industries IS 'The sectors of critical infrastructure that it is about.';
COMMENT ON COLUMN submissions.industries_by_hand IS 'The sectors were given by a person: reading the document again keeps them.';

-- The one place where what speaks against an indicator lowers what a feed says of it.
CREATE FUNCTION feed_confidence(confidence smallint, flags jsonb) RETURNS smallint IMMUTABLE PARALLEL SAFE LANGUAGE sql
    RETURN CASE WHEN flags = '[]' THEN confidence ELSE least(confidence, 29::smallint) END;
COMMENT ON FUNCTION feed_confidence(smallint, jsonb) IS 'What a feed says of a sighting, 0 to 100: no more than low where something says that it may be benign. An index stands on it.';
