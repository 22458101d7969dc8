-- Watches: pages that tell of reports, what they told of so far, and when the hosts behind them may be asked.
--
-- Lock order: the watch or the row of `watch_hosts`, the advisory lock of a URL, rows of `watch_entries`, then as in 0014. Whoever
-- holds a row of 0014 waits for none of these.

CREATE TABLE watches (
    id uuid PRIMARY KEY,
    name text,
    url text NOT NULL,
    only_below text,
    enabled boolean NOT NULL DEFAULT true,
    interval_seconds integer NOT NULL CHECK (interval_seconds >= 60),
    backfill integer NOT NULL CHECK (backfill >= 0),
    owner_id uuid NOT NULL REFERENCES users,
    category text,
    confidence text NOT NULL CHECK (confidence IN ('high', 'medium', 'low')),
    industries text[],
    tlp text CHECK (tlp IN ('clear', 'green', 'amber', 'amber+strict', 'red')),
    created_at timestamptz NOT NULL DEFAULT now(),
    next_check_at timestamptz NOT NULL DEFAULT now(),
    claim bigint,
    is_first boolean NOT NULL DEFAULT true,
    etag text,
    last_modified text,
    form text CHECK (form IN ('rss', 'atom', 'sitemap', 'sitemapindex')),
    title text,
    entries bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    read_at timestamptz,
    last_success_at timestamptz,
    last_new_at timestamptz,
    checked_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    error text
);
CREATE INDEX watches_next_check_at ON watches (next_check_at) WHERE enabled;
CREATE INDEX watches_owner_id ON watches (owner_id);
COMMENT ON TABLE watches IS 'Feeds and sitemaps whose new entries become submissions. A row is what a worker claims to look at the page.';
COMMENT ON COLUMN watches.id IS 'UUIDv7, shown as watch_…; the lane of its submissions.';
COMMENT ON COLUMN watches.name IS 'For people; null: as the page calls itself.';
COMMENT ON COLUMN watches.url IS 'The page.';
COMMENT ON COLUMN watches.only_below IS 'How the path of an entry has to begin; null: anyhow.';
COMMENT ON COLUMN watches.enabled IS 'Whether it is looked at, and its entries are handed in.';
COMMENT ON COLUMN watches.interval_seconds IS 'Between two looks that went well.';
COMMENT ON COLUMN watches.backfill IS 'Entries of the first look that are handed in, the newest.';
COMMENT ON COLUMN watches.owner_id IS 'Who made it: its submissions are theirs.';
COMMENT ON COLUMN watches.category IS 'That of its submissions; null: as their hosts tell.';
COMMENT ON COLUMN watches.confidence IS 'How far its reports are trusted, beside others.';
COMMENT ON COLUMN watches.industries IS 'Those of its submissions; null: as they tell.';
COMMENT ON COLUMN watches.tlp IS 'That of its submissions; null: unknown.';
COMMENT ON COLUMN watches.created_at IS 'When it was made.';
COMMENT ON COLUMN watches.next_check_at IS 'Earliest next look; while a worker has it, end of its lease.';
COMMENT ON COLUMN watches.claim IS 'Number of the last claim: the fence. A worker writes only while this is its own.';
COMMENT ON COLUMN watches.is_first IS 'Whether the next good look is the first one at this page: then only the newest entries are handed in.';
COMMENT ON COLUMN watches.etag IS 'What its server called the page that was read last.';
COMMENT ON COLUMN watches.last_modified IS 'When that changed, in the words of its server.';
COMMENT ON COLUMN watches.form IS 'How the page tells of reports; null before the first good look.';
COMMENT ON COLUMN watches.title IS 'What the page calls itself.';
COMMENT ON COLUMN watches.entries IS 'Entries that stood there at the last good look.';
COMMENT ON COLUMN watches.refused IS 'What was an entry then, but without an address that can be fetched.';
COMMENT ON COLUMN watches.read_at IS 'When its page was last read, all of it.';
COMMENT ON COLUMN watches.last_success_at IS 'When its page was last read, or known to be the same.';
COMMENT ON COLUMN watches.last_new_at IS 'When it last had an entry that was new.';
COMMENT ON COLUMN watches.checked_at IS 'When its server was last asked.';
COMMENT ON COLUMN watches.failures IS 'Looks that failed since the last that did not.';
COMMENT ON COLUMN watches.error IS 'Why the last one failed, for people; null: it did not.';

CREATE SEQUENCE watch_claims;
COMMENT ON SEQUENCE watch_claims IS 'Numbers every claim of a watch and every turn of a host.';

CREATE TABLE watch_entries (
    watch_id uuid NOT NULL REFERENCES watches ON DELETE CASCADE,
    key bytea NOT NULL CHECK (length(key) = 32),
    ordinal bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    url text NOT NULL,
    host text NOT NULL,
    title text,
    published_at timestamptz,
    state text NOT NULL CHECK (state IN ('waiting', 'submitted', 'skipped', 'disallowed')),
    -- Checked at COMMIT: the submission comes last.
    submission_id uuid REFERENCES submissions DEFERRABLE INITIALLY DEFERRED,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (watch_id, key),
    CHECK ((state = 'submitted') = (submission_id IS NOT NULL))
);
CREATE INDEX watch_entries_ordinal ON watch_entries (watch_id, ordinal DESC);
CREATE INDEX watch_entries_waiting ON watch_entries (host, ordinal) WHERE state = 'waiting';
CREATE INDEX watch_entries_key ON watch_entries (key) WHERE submission_id IS NOT NULL;
CREATE INDEX watch_entries_last_seen_at ON watch_entries (last_seen_at);
COMMENT ON TABLE watch_entries IS 'Every entry that a watch has seen: each becomes a submission once.';
COMMENT ON COLUMN watch_entries.watch_id IS 'Whose.';
COMMENT ON COLUMN watch_entries.key IS 'SHA-256 of its address without the scheme.';
COMMENT ON COLUMN watch_entries.ordinal IS 'In the order in which they are handed in.';
COMMENT ON COLUMN watch_entries.url IS 'Its address, as it was seen first.';
COMMENT ON COLUMN watch_entries.host IS 'Who serves it: the key of watch_hosts.';
COMMENT ON COLUMN watch_entries.title IS 'What it was called then.';
COMMENT ON COLUMN watch_entries.published_at IS 'When it says that it was published.';
COMMENT ON COLUMN watch_entries.state IS 'waiting: will be handed in; submitted: was; skipped: stood there before the watch did; disallowed: robots.txt was against it.';
COMMENT ON COLUMN watch_entries.submission_id IS 'What it became, or what had its address before; that may be deleted.';
COMMENT ON COLUMN watch_entries.first_seen_at IS 'When it was seen first.';
COMMENT ON COLUMN watch_entries.last_seen_at IS 'When it was seen last, to the week.';

CREATE TABLE watch_hosts (
    host text PRIMARY KEY,
    turn bigint,
    busy_until timestamptz,
    next_request_at timestamptz NOT NULL DEFAULT now(),
    pause double precision NOT NULL DEFAULT 0,
    wanted_until timestamptz,
    submission_id uuid REFERENCES submissions DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE watch_hosts IS 'Hosts that watches ask, each by one request at a time, whoever makes it.';
COMMENT ON COLUMN watch_hosts.host IS 'Name or address, without a port.';
COMMENT ON COLUMN watch_hosts.turn IS 'Number of the last turn: the fence.';
COMMENT ON COLUMN watch_hosts.busy_until IS 'End of the turn that a worker has; null: none has one.';
COMMENT ON COLUMN watch_hosts.next_request_at IS 'Earliest next request.';
COMMENT ON COLUMN watch_hosts.pause IS 'Seconds between the end of one request and the next.';
COMMENT ON COLUMN watch_hosts.wanted_until IS 'Until then no entry of it is handed in: somebody waits for a turn to look at a page, which comes first.';
COMMENT ON COLUMN watch_hosts.submission_id IS 'The entry of it that was handed in last: while that waits or is fetched, nothing else asks the host.';

CREATE FUNCTION watch_host_is_free(h watch_hosts) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT (h.busy_until IS NULL OR h.busy_until <= now()) AND h.next_request_at <= now()
        AND NOT EXISTS (SELECT FROM submissions s WHERE s.id = h.submission_id
                        AND (s.status IN ('pending', 'processing') OR s.processed_at > now() - make_interval(secs => h.pause)));
$$;
COMMENT ON FUNCTION watch_host_is_free(watch_hosts) IS 'Whether a host may be asked now.';

CREATE TABLE robots (
    origin text PRIMARY KEY,
    content bytea NOT NULL,
    fetched_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE robots IS 'The robots.txt of the hosts that watches ask.';
COMMENT ON COLUMN robots.origin IS 'Scheme, host and port.';
COMMENT ON COLUMN robots.content IS 'The file, or nothing where there is none.';
COMMENT ON COLUMN robots.fetched_at IS 'When it was fetched.';

ALTER TABLE submissions ADD COLUMN source_confidence text;
COMMENT ON COLUMN submissions.source_confidence IS 'How far its source is trusted, beside others; null: nobody said so. Counts when it is read.';
