-- How many submissions there are, without counting them: every change of one holds the lock of the stamps until it
-- commits, so nobody ever waits for this row.

CREATE TABLE submission_total (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    n bigint NOT NULL
);
COMMENT ON TABLE submission_total IS 'One row: the submissions that are not deleted, kept by triggers.';
COMMENT ON COLUMN submission_total.sole IS 'Always true: there is one row.';
COMMENT ON COLUMN submission_total.n IS 'How many there are.';

CREATE FUNCTION submissions_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE submission_total SET n = n
        + (TG_OP <> 'DELETE' AND NEW.status <> 'deleted')::int
        - (TG_OP <> 'INSERT' AND OLD.status <> 'deleted')::int;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION submissions_counted() IS 'Adds a submission that came to submission_total, and takes one that went from it.';

-- Nobody comes or goes between the count and the triggers. Readers go on.
LOCK TABLE submissions IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO submission_total (n) SELECT count(*) FROM submissions WHERE status <> 'deleted';
CREATE TRIGGER submissions_counted AFTER INSERT OR DELETE ON submissions
    FOR EACH ROW EXECUTE FUNCTION submissions_counted();
CREATE TRIGGER submissions_recounted AFTER UPDATE OF status ON submissions FOR EACH ROW
    WHEN ((OLD.status = 'deleted') <> (NEW.status = 'deleted')) EXECUTE FUNCTION submissions_counted();
