-- Originals may lie outside Postgres, as objects in a folder or a bucket.

ALTER TABLE blobs ALTER COLUMN bytes DROP NOT NULL;
COMMENT ON TABLE blobs IS 'Originals that are there, once for each content. Written and removed under lock_key(''blob'', sha256).';
COMMENT ON COLUMN blobs.bytes IS 'The bytes; null where they are an object outside. EXTERNAL: documents are packed already, compressing them again only costs time.';
