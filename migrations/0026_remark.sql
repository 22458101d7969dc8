-- Marks of lists, made anew in the reports that are stored: one run at a time, over all of them.
CREATE TABLE remark (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    lists_version bigint NOT NULL,
    wanted_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    past uuid,
    seen bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    ready_at timestamptz NOT NULL,
    claim bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE remark IS 'At most one row: the run that an administrator last asked for.';
COMMENT ON COLUMN remark.sole IS 'Always true: there is one row.';
COMMENT ON COLUMN remark.lists_version IS 'The lists of list_changes by which marks are made, or later ones.';
COMMENT ON COLUMN remark.wanted_at IS 'When it was asked for.';
COMMENT ON COLUMN remark.ended_at IS 'When it had seen all submissions; null: it has not.';
COMMENT ON COLUMN remark.past IS 'The last submission that it has seen; null: none.';
COMMENT ON COLUMN remark.seen IS 'Submissions that it has seen.';
COMMENT ON COLUMN remark.changed IS 'Submissions that it changed.';
COMMENT ON COLUMN remark.ready_at IS 'When a worker may take it; while one has it, end of its lease.';
COMMENT ON COLUMN remark.claim IS 'Number of the last claim: the fence.';
