-- Limits that several servers keep together. Unlogged: what a crash of Postgres takes along is a minute of counting.
CREATE UNLOGGED TABLE rates (
    key bytea PRIMARY KEY,
    whole_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE rates IS 'Who asked how much, over all servers. A row says nothing once its time has passed, and goes.';
COMMENT ON COLUMN rates.key IS 'SHA-256 of the limit and who is counted: an address, a token, an account.';
COMMENT ON COLUMN rates.whole_at IS 'When all of the limit is there again, if nobody asks: each request adds its share.';
