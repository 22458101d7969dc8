-- The language that a document says it is written in. Null: it does not say, or was read before this was kept.

ALTER TABLE submissions ADD COLUMN language text;
COMMENT ON COLUMN submissions.language IS 'The language that the document says it is written in, a BCP 47 tag.';
