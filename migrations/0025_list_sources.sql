-- Lists whose servers ask who comes, and lists that take a part of what their source has.

ALTER TABLE lists
    ADD COLUMN credential_header text,
    ADD COLUMN credential_value text,
    ADD COLUMN left_out bigint NOT NULL DEFAULT 0,
    ADD CHECK ((credential_header IS NULL) = (credential_value IS NULL)),
    ADD CHECK (credential_header IS NULL OR source_url IS NOT NULL);
COMMENT ON COLUMN lists.credential_header IS 'Header that its server wants to see; null: none.';
COMMENT ON COLUMN lists.credential_value IS 'What it holds. In clear, as every request sends it; shown to nobody.';
COMMENT ON COLUMN lists.left_out IS 'Events that its source has and that version has not, as they are too many.';
COMMENT ON COLUMN lists.sha256 IS 'Digest of the version that stands; null before the first, and where that is of another server or was seen by other credentials.';
