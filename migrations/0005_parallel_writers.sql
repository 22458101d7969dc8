-- Writers that do not wait for each other. No large table is written anew or locked: see docs/operations.md.

-- The same digest by functions that are immutable all the way: Postgres puts such an expression in place of the call,
-- which is three times as fast. convert_to is not, as encodings may change; what follows gives the bytes of the
-- server's encoding, so only where that is UTF-8.
DO $$ BEGIN
    IF current_setting('server_encoding') = 'UTF8' THEN
        EXECUTE $f$
            CREATE OR REPLACE FUNCTION ioc_key(value text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
                RETURN sha256(decode(replace(value, '\', '\\'), 'escape'))
        $f$;
    END IF;
END $$;
-- The value is the default: a change of the index makes open connections forget the expression that they put in place.
ALTER INDEX iocs_key SET (fillfactor = 90);

-- A counter in one row makes each transaction wait for the commit of another. Each adds a row of its own instead,
-- and what is committed is added up behind them.
ALTER TABLE ioc_totals RENAME TO ioc_totals_added_up;
CREATE TABLE ioc_totals_changes (
    kind text COLLATE "C" NOT NULL,
    n bigint NOT NULL
);
COMMENT ON TABLE ioc_totals_added_up IS 'Rows of iocs by kind, but for the changes below.';
COMMENT ON TABLE ioc_totals_changes IS 'Changes of the number of rows of iocs, not yet added up: a row for each kind and statement.';
COMMENT ON COLUMN ioc_totals_changes.kind IS 'The kind.';
COMMENT ON COLUMN ioc_totals_changes.n IS 'How many more there are; fewer where it is negative.';
CREATE VIEW ioc_totals AS
    SELECT kind, sum(n)::bigint AS n FROM (
        SELECT kind, n FROM ioc_totals_added_up UNION ALL SELECT kind, n FROM ioc_totals_changes) t
    GROUP BY kind;
COMMENT ON VIEW ioc_totals IS 'Rows of iocs by kind, exact: counting ten million rows takes a second.';

CREATE OR REPLACE FUNCTION iocs_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ioc_totals_changes SELECT kind, count(*) FROM added GROUP BY kind;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION iocs_added() IS 'Notes how many new indicators there are.';

CREATE OR REPLACE FUNCTION iocs_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ioc_totals_changes SELECT kind, -count(*) FROM removed GROUP BY kind;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION iocs_removed() IS 'Notes how many indicators were removed.';

CREATE FUNCTION add_up_ioc_totals() RETURNS void LANGUAGE sql AS $$
    WITH changes AS (DELETE FROM ioc_totals_changes RETURNING kind, n)
    INSERT INTO ioc_totals_added_up SELECT kind, sum(n) FROM changes GROUP BY kind ORDER BY kind
        ON CONFLICT (kind) DO UPDATE SET n = ioc_totals_added_up.n + excluded.n;
$$;
COMMENT ON FUNCTION add_up_ioc_totals() IS 'Moves what is committed of ioc_totals_changes into ioc_totals_added_up.';
