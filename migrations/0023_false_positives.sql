-- What people marked as false positives: remembered for every later report, and told of by the sightings that are there.
--
-- Lock order: a mark is written under the exclusive, and read by whoever adds sightings under the shared advisory lock on
-- `sightings` (2 of 0014_texts_outside.sql), so that no sighting comes in beside it unmarked. Who brings a stored sighting
-- in line locks the mark, the sighting, the submission.

CREATE TABLE false_positives (
    id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    reason text,
    marked_by uuid REFERENCES users ON DELETE SET NULL,
    marked_at timestamptz NOT NULL DEFAULT now(),
    withdrawn boolean NOT NULL DEFAULT false,
    settled boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX false_positives_key ON false_positives (kind, ioc_key(value));
CREATE INDEX false_positives_marked_at ON false_positives (marked_at DESC, id DESC) WHERE NOT withdrawn;
CREATE INDEX false_positives_unsettled ON false_positives (marked_at) WHERE NOT settled;
CREATE INDEX false_positives_marked_by ON false_positives (marked_by);
COMMENT ON TABLE false_positives IS 'Indicators that a person marked as false positives, also those that no document shows at present.';
COMMENT ON COLUMN false_positives.id IS 'UUIDv7, shown as fp_….';
COMMENT ON COLUMN false_positives.kind IS 'The kind of the indicator.';
COMMENT ON COLUMN false_positives.value IS 'Its value.';
COMMENT ON COLUMN false_positives.reason IS 'Why, in words of who marked it.';
COMMENT ON COLUMN false_positives.marked_by IS 'Who marked it; null: an account that is gone.';
COMMENT ON COLUMN false_positives.marked_at IS 'When it was marked, last.';
COMMENT ON COLUMN false_positives.withdrawn IS 'The mark was taken back. The row goes once no sighting tells of it.';
COMMENT ON COLUMN false_positives.settled IS 'Every sighting tells of it.';
