-- Lists that look-ups and readers ask: where each comes from, how it fares, and the last version that was good.
--
-- Lock order: the list, its contents, the row of `list_changes`; COMMIT follows at once.

CREATE TABLE lists (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
    name text,
    description text,
    kind text NOT NULL CHECK (kind IN ('contextual', 'threat_intel', 'allowlist')),
    format text NOT NULL,
    columns jsonb NOT NULL,
    page_url text,
    source_url text,
    enabled boolean NOT NULL DEFAULT true,
    interval_seconds integer NOT NULL CHECK (interval_seconds >= 60),
    created_at timestamptz NOT NULL DEFAULT now(),
    next_check_at timestamptz,
    claim bigint,
    may_shrink boolean NOT NULL DEFAULT false,
    etag text,
    last_modified text,
    sha256 bytea CHECK (length(sha256) = 32),
    about jsonb NOT NULL DEFAULT '{"name": null, "description": null, "version": null, "category": null, "kinds": null}',
    entries bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    changed_at timestamptz,
    last_success_at timestamptz,
    checked_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    error text,
    CHECK ((source_url IS NULL) = (next_check_at IS NULL))
);
CREATE INDEX lists_next_check_at ON lists (next_check_at) WHERE enabled AND source_url IS NOT NULL;
COMMENT ON TABLE lists IS 'Lists of what is known of values. A row is what a worker claims to fetch the list anew.';
COMMENT ON COLUMN lists.id IS 'UUIDv7, shown as list_….';
COMMENT ON COLUMN lists.slug IS 'Its stable name, which flags carry.';
COMMENT ON COLUMN lists.name IS 'For people; null: as the list calls itself.';
COMMENT ON COLUMN lists.description IS 'A sentence or two; null: as the list says.';
COMMENT ON COLUMN lists.kind IS 'What a hit on it means.';
COMMENT ON COLUMN lists.format IS 'How it is written.';
COMMENT ON COLUMN lists.columns IS 'Where a table has its values.';
COMMENT ON COLUMN lists.page_url IS 'Its page, for people.';
COMMENT ON COLUMN lists.source_url IS 'Where it is fetched from; null: somebody uploads it.';
COMMENT ON COLUMN lists.enabled IS 'Whether it is asked, and fetched.';
COMMENT ON COLUMN lists.interval_seconds IS 'Between two fetches that went well.';
COMMENT ON COLUMN lists.created_at IS 'When it was made.';
COMMENT ON COLUMN lists.next_check_at IS 'Earliest next fetch; while a worker has it, end of its lease. Null: never.';
COMMENT ON COLUMN lists.claim IS 'Number of the last claim: the fence. A worker writes only while this is its own.';
COMMENT ON COLUMN lists.may_shrink IS 'Somebody said that the next version may be less than half of this one.';
COMMENT ON COLUMN lists.etag IS 'What its server called the last version that was taken.';
COMMENT ON COLUMN lists.last_modified IS 'When that changed, in the words of its server.';
COMMENT ON COLUMN lists.sha256 IS 'Digest of the version that stands; null before the first.';
COMMENT ON COLUMN lists.about IS 'What that version says of itself.';
COMMENT ON COLUMN lists.entries IS 'Entries of that version.';
COMMENT ON COLUMN lists.refused IS 'What of that version was no entry.';
COMMENT ON COLUMN lists.changed_at IS 'Since when it stands.';
COMMENT ON COLUMN lists.last_success_at IS 'When it was last known to be current.';
COMMENT ON COLUMN lists.checked_at IS 'When it was last asked for, or uploaded.';
COMMENT ON COLUMN lists.failures IS 'Fetches that failed since the last that did not.';
COMMENT ON COLUMN lists.error IS 'Why the last one failed, for people; null: it did not.';

CREATE SEQUENCE list_claims;
COMMENT ON SEQUENCE list_claims IS 'Numbers every claim of a list.';

CREATE TABLE list_contents (
    list_id uuid PRIMARY KEY REFERENCES lists ON DELETE CASCADE,
    bytes bytea NOT NULL
);
-- They come packed.
ALTER TABLE list_contents ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE list_contents IS 'The last good version of each list.';
COMMENT ON COLUMN list_contents.list_id IS 'Which list.';
COMMENT ON COLUMN list_contents.bytes IS 'As it came, deflated where that helps; the first byte says how.';

CREATE TABLE list_changes (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    version bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE list_changes IS 'One row: who has built something of the lists asks it whether that is current.';
COMMENT ON COLUMN list_changes.sole IS 'Always true: there is one row.';
COMMENT ON COLUMN list_changes.version IS 'Rises with every change of what is listed, in commit order: its row is locked until then.';
INSERT INTO list_changes DEFAULT VALUES;
