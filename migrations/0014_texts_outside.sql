-- Texts are blobs as originals are: once for each content, packed, outside Postgres where that is set. Texts of before
-- stay readable in `texts`, which nobody writes any more and which the workers empty.
--
-- Lock order of every transaction from here on, in place of the one of 0001:
--   1. the advisory lock of a content or URL (`lock_key`, `lock_key_shared`)
--   2. the advisory lock on `sightings` (shared to add sightings, exclusive to remove some)
--   3. blobs, by digest; iocs, sorted by (kind, ioc_key(value)); 4. sightings, texts, text_blobs
--   5. jobs; 6. the submission, whose stamp serialises commits: COMMIT follows at once.

ALTER TABLE blobs ADD COLUMN packed bytea;
ALTER TABLE blobs ALTER COLUMN packed SET STORAGE EXTERNAL;
COMMENT ON TABLE blobs IS 'Originals and texts that are there, once for each content. Named and written under lock_key_shared(''blob'', sha256) or lock_key, removed under lock_key.';
COMMENT ON COLUMN blobs.bytes IS 'The bytes, in rows of before they were packed; else null.';
COMMENT ON COLUMN blobs.packed IS 'The bytes, packed; null where they are an object outside. EXTERNAL: compressing them again only costs time.';
COMMENT ON COLUMN blobs.created_at IS 'When these bytes came in, or came back after they were removed.';

-- Beside `texts` and not in it: a column with an index would lock a large table.
CREATE TABLE text_blobs (
    submission_id uuid PRIMARY KEY REFERENCES submissions ON DELETE CASCADE,
    sha256 bytea NOT NULL REFERENCES blobs
);
CREATE INDEX text_blobs_sha256 ON text_blobs (sha256);
COMMENT ON TABLE text_blobs IS 'The text that was scanned, of each submission that could be read.';
COMMENT ON COLUMN text_blobs.submission_id IS 'The submission.';
COMMENT ON COLUMN text_blobs.sha256 IS 'The text in UTF-8, as a blob; locations of sightings count into it.';
COMMENT ON TABLE texts IS 'Texts of before they were blobs. Where a submission has both, this one is newer: it was written by a process of before.';

CREATE FUNCTION lock_key_shared(space text, key text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock_shared(hashtextextended(space || ':' || key, 0));
$$;
COMMENT ON FUNCTION lock_key_shared(text, text) IS 'Keeps whoever holds lock_key on the same out until the transaction ends, and nobody else.';
