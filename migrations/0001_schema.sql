-- The schema of iocsift. Applied migrations never change: what comes later is a later file.
--
-- Lock order of every transaction, without which two of them can deadlock:
--   1. the advisory lock on `sightings` (shared to add sightings, exclusive to remove some)
--   2. the advisory lock of a content or URL (`lock_key`)
--   3. iocs, sorted by (kind, ioc_key(value)); 4. ioc_totals, sorted by kind; 5. sightings, texts
--   6. jobs; 7. the submission, whose stamp serialises commits: COMMIT follows at once.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE instance (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL DEFAULT 'iocsift',
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE instance IS 'One row: this installation, as exports name it. Made once, never changed.';
COMMENT ON COLUMN instance.sole IS 'Always true: there is one row.';
COMMENT ON COLUMN instance.id IS 'UUIDv4 of the installation; the namespace of exported ids.';
COMMENT ON COLUMN instance.name IS 'Name of the installation for people.';
COMMENT ON COLUMN instance.created_at IS 'When the database was made.';
INSERT INTO instance DEFAULT VALUES;

-- Accounts ------------------------------------------------------------------------------------

CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('member', 'admin')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_username ON users (lower(username));
COMMENT ON TABLE users IS 'People and programs that may sign in.';
COMMENT ON COLUMN users.id IS 'UUIDv7, shown as usr_….';
COMMENT ON COLUMN users.username IS 'Sign-in name; unique without regard to case.';
COMMENT ON COLUMN users.password_hash IS 'Argon2id in PHC form.';
COMMENT ON COLUMN users.role IS 'member: submits, and edits what is their own. admin: everything.';
COMMENT ON COLUMN users.created_at IS 'When the account was made.';

CREATE TABLE tokens (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    hint text NOT NULL,
    scopes text[] NOT NULL CHECK (scopes <@ ARRAY['read', 'write', 'admin']),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX tokens_user_id ON tokens (user_id, created_at);
COMMENT ON TABLE tokens IS 'API tokens. The token itself is shown once and never stored.';
COMMENT ON COLUMN tokens.id IS 'UUIDv7, shown as tok_….';
COMMENT ON COLUMN tokens.user_id IS 'Whose rights it carries, within its scopes.';
COMMENT ON COLUMN tokens.name IS 'What its owner calls it.';
COMMENT ON COLUMN tokens.digest IS 'SHA-256 of the token; an index look-up of it is the comparison.';
COMMENT ON COLUMN tokens.hint IS 'First characters of the token, so that its owner knows it again.';
COMMENT ON COLUMN tokens.scopes IS 'What it may do: read, write, admin.';
COMMENT ON COLUMN tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN tokens.expires_at IS 'From when on it is refused; null: never.';
COMMENT ON COLUMN tokens.last_used_at IS 'Last use, to the minute.';
COMMENT ON COLUMN tokens.revoked_at IS 'When it was revoked; null: valid.';

CREATE TABLE sessions (
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
COMMENT ON TABLE sessions IS 'Signed-in browsers.';
COMMENT ON COLUMN sessions.digest IS 'SHA-256 of the cookie; the cookie itself is never stored.';
COMMENT ON COLUMN sessions.user_id IS 'Who is signed in.';
COMMENT ON COLUMN sessions.created_at IS 'When they signed in.';
COMMENT ON COLUMN sessions.expires_at IS 'From when on the session is void.';

-- Submissions ---------------------------------------------------------------------------------

CREATE TABLE blobs (
    sha256 bytea PRIMARY KEY CHECK (length(sha256) = 32),
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE blobs ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE blobs IS 'Originals, once for each content. Written and removed under lock_key(''blob'', sha256).';
COMMENT ON COLUMN blobs.sha256 IS 'SHA-256 of the bytes: the key.';
COMMENT ON COLUMN blobs.bytes IS 'The bytes. EXTERNAL: documents are packed already, compressing them again only costs time.';
COMMENT ON COLUMN blobs.created_at IS 'When these bytes first came in.';

CREATE TABLE submissions (
    id uuid PRIMARY KEY,
    status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'deleted')),
    source_type text NOT NULL CHECK (source_type IN ('file_upload', 'url', 'text')),
    source_identifier text NOT NULL,
    original_filename text,
    title text,
    title_by_hand boolean NOT NULL DEFAULT false,
    summary text,
    summary_by_hand boolean NOT NULL DEFAULT false,
    ioc_count bigint NOT NULL DEFAULT 0,
    content_type text,
    size_bytes bigint,
    sha256 bytea CHECK (length(sha256) = 32),
    url_key text,
    tags text[] NOT NULL DEFAULT '{}',
    tlp text CHECK (tlp IN ('clear', 'green', 'amber', 'amber+strict', 'red')),
    error_code text,
    error_message text,
    warnings jsonb NOT NULL DEFAULT '[]',
    owner_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL,
    processed_at timestamptz,
    words text NOT NULL GENERATED ALWAYS AS
        (source_identifier || E'\n' || coalesce(original_filename, '') || E'\n' || coalesce(title, '')) STORED,
    CHECK ((error_code IS NULL) = (error_message IS NULL))
);
CREATE UNIQUE INDEX submissions_updated_at ON submissions (updated_at);
CREATE INDEX submissions_created_at ON submissions (created_at DESC, id DESC) WHERE status <> 'deleted';
CREATE UNIQUE INDEX submissions_content ON submissions (sha256, source_type)
    WHERE source_type IN ('file_upload', 'text') AND status <> 'deleted';
CREATE INDEX submissions_sha256 ON submissions (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX submissions_url_key ON submissions (url_key) WHERE url_key IS NOT NULL;
CREATE INDEX submissions_words ON submissions USING gin (words gin_trgm_ops);
CREATE INDEX submissions_owner_id ON submissions (owner_id);
COMMENT ON TABLE submissions IS 'What was handed in. A deleted one stays as a tombstone, so that mirrors learn of it.';
COMMENT ON COLUMN submissions.id IS 'UUIDv7, shown as sub_….';
COMMENT ON COLUMN submissions.status IS 'How far it has come. A jobs row exists exactly while it is pending or processing.';
COMMENT ON COLUMN submissions.source_type IS 'How it came in.';
COMMENT ON COLUMN submissions.source_identifier IS 'File name, URL, or title of a pasted text; empty on a tombstone.';
COMMENT ON COLUMN submissions.original_filename IS 'Name of the uploaded file.';
COMMENT ON COLUMN submissions.title IS 'Title of the document.';
COMMENT ON COLUMN submissions.title_by_hand IS 'The title was given by a person: reading the document again keeps it.';
COMMENT ON COLUMN submissions.summary IS 'A few sentences that say what it is about.';
COMMENT ON COLUMN submissions.summary_by_hand IS 'The summary was given by a person: reading the document again keeps it.';
COMMENT ON COLUMN submissions.ioc_count IS 'Its rows in sightings.';
COMMENT ON COLUMN submissions.content_type IS 'Media type by content, or as handed in until it was read.';
COMMENT ON COLUMN submissions.size_bytes IS 'Size of the submitted or fetched bytes.';
COMMENT ON COLUMN submissions.sha256 IS 'Key of the original in blobs; null until a URL was fetched.';
COMMENT ON COLUMN submissions.url_key IS 'The normalised URL: two spellings of one URL are duplicates.';
COMMENT ON COLUMN submissions.tags IS 'Labels set by people.';
COMMENT ON COLUMN submissions.tlp IS 'Traffic Light Protocol 2.0 label.';
COMMENT ON COLUMN submissions.error_code IS 'Why it failed, for programs.';
COMMENT ON COLUMN submissions.error_message IS 'Why it failed, for people.';
COMMENT ON COLUMN submissions.warnings IS 'What the reader could not do: [{code, message}].';
COMMENT ON COLUMN submissions.owner_id IS 'Who handed it in.';
COMMENT ON COLUMN submissions.created_at IS 'When it was handed in.';
COMMENT ON COLUMN submissions.updated_at IS 'Last change; unique, and rising in commit order. Written by submissions_stamp() alone.';
COMMENT ON COLUMN submissions.processed_at IS 'When it was completed or failed.';
COMMENT ON COLUMN submissions.words IS 'What search looks through.';

-- The change feed. A commit becomes visible before its locks are released, so whoever holds the lock
-- sees every earlier stamp and takes a greater one: stamp order is the order of visibility, and a
-- reader of `updated_at > $1 ORDER BY updated_at` never misses a row. Needs READ COMMITTED, one
-- submission a transaction, and COMMIT right after: the lock is held until then.
CREATE FUNCTION submissions_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock('submissions'::regclass::bigint);
    SELECT greatest(clock_timestamp(), max(updated_at) + interval '1 microsecond')
        INTO NEW.updated_at FROM submissions;
    RETURN NEW;
END $$;
CREATE TRIGGER submissions_stamp BEFORE INSERT OR UPDATE ON submissions
    FOR EACH ROW EXECUTE FUNCTION submissions_stamp();

COMMENT ON FUNCTION submissions_stamp() IS 'Gives every change of a submission a stamp that rises in commit order.';

-- Serialises transactions over one content or one URL until they end.
CREATE FUNCTION lock_key(space text, key text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended(space || ':' || key, 0));
$$;
COMMENT ON FUNCTION lock_key(text, text) IS 'Serialises transactions over one content (blob) or one normalised URL (url).';

CREATE TABLE texts (
    submission_id uuid PRIMARY KEY REFERENCES submissions ON DELETE CASCADE,
    body text NOT NULL
);
COMMENT ON TABLE texts IS 'The text that was scanned, of each submission that could be read.';
COMMENT ON COLUMN texts.submission_id IS 'The submission.';
COMMENT ON COLUMN texts.body IS 'The text; locations of sightings count into it.';

CREATE SEQUENCE job_claims;
COMMENT ON SEQUENCE job_claims IS 'Numbers every claim, so that a worker that lost its job is told from the one that has it.';

CREATE TABLE jobs (
    submission_id uuid PRIMARY KEY REFERENCES submissions ON DELETE CASCADE,
    ready_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    claim bigint,
    handed_back boolean NOT NULL DEFAULT false
);
CREATE INDEX jobs_ready_at ON jobs (ready_at, submission_id);
COMMENT ON TABLE jobs IS 'Outstanding work: a row exists exactly while a submission is pending or processing.';
COMMENT ON COLUMN jobs.submission_id IS 'What is to be read.';
COMMENT ON COLUMN jobs.ready_at IS 'Earliest start; while a worker has it, end of its lease. One predicate finds new, retried and orphaned work.';
COMMENT ON COLUMN jobs.attempts IS 'Claims so far, counted when the claim is made: a job that kills its worker cannot report that.';
COMMENT ON COLUMN jobs.claim IS 'Number of the last claim: the fence. A worker writes only while this is its own.';
COMMENT ON COLUMN jobs.handed_back IS 'The last worker handed it back after a fault of the service, rather than fell silent.';

CREATE FUNCTION jobs_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY jobs;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION jobs_notify() IS 'Wakes the workers; a hint, as they poll too.';
CREATE TRIGGER jobs_notify AFTER INSERT ON jobs FOR EACH STATEMENT EXECUTE FUNCTION jobs_notify();

-- Indicators ----------------------------------------------------------------------------------

-- A btree entry holds 2,704 bytes at most and a URL may be longer: the key is a digest.
CREATE FUNCTION ioc_key(value text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN sha256(convert_to(value, 'UTF8'));
COMMENT ON FUNCTION ioc_key(text) IS 'The part of the key of iocs that stands for the value.';

CREATE TABLE iocs (
    id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_insert_scale_factor = 0.02);
CREATE UNIQUE INDEX iocs_key ON iocs (kind, ioc_key(value));
CREATE INDEX iocs_created_at ON iocs (created_at DESC, id DESC);
CREATE INDEX iocs_kind_created_at ON iocs (kind, created_at DESC, id DESC);
CREATE INDEX iocs_value_trgm ON iocs USING gin (value gin_trgm_ops)
    WITH (fastupdate = on, gin_pending_list_limit = 65536);
COMMENT ON TABLE iocs IS 'Indicators, one for each (kind, value). Each has at least one sighting: the last one takes it along.';
COMMENT ON COLUMN iocs.id IS 'UUIDv7, shown as ioc_….';
COMMENT ON COLUMN iocs.kind IS 'What it is: ipv4, hash_sha256, ….';
COMMENT ON COLUMN iocs.value IS 'The live, normalised value. Collation C: fast ILIKE, and safe from a new libc.';
COMMENT ON COLUMN iocs.created_at IS 'When it was first stored.';

CREATE TABLE ioc_totals (
    kind text COLLATE "C" PRIMARY KEY,
    n bigint NOT NULL
);
COMMENT ON TABLE ioc_totals IS 'Rows of iocs by kind, kept by triggers: counting ten million rows takes a second.';
COMMENT ON COLUMN ioc_totals.kind IS 'The kind.';
COMMENT ON COLUMN ioc_totals.n IS 'Rows of iocs of this kind.';

CREATE FUNCTION iocs_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ioc_totals SELECT kind, count(*) FROM added GROUP BY kind ORDER BY kind
        ON CONFLICT (kind) DO UPDATE SET n = ioc_totals.n + excluded.n;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION iocs_added() IS 'Adds new indicators to ioc_totals, sorted by kind.';
CREATE TRIGGER iocs_added AFTER INSERT ON iocs REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION iocs_added();

CREATE FUNCTION iocs_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ioc_totals t SET n = t.n - r.n
        FROM (SELECT kind, count(*) AS n FROM removed GROUP BY kind) r WHERE t.kind = r.kind;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION iocs_removed() IS 'Takes removed indicators from ioc_totals.';
CREATE TRIGGER iocs_removed AFTER DELETE ON iocs REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION iocs_removed();

CREATE TABLE sightings (
    submission_id uuid NOT NULL,
    ioc_id uuid NOT NULL,
    ordinal integer NOT NULL,
    raw text NOT NULL,
    defanged boolean NOT NULL,
    page integer,
    sheet text,
    slide integer,
    line integer NOT NULL,
    char_offset bigint NOT NULL,
    char_length bigint NOT NULL,
    occurrences integer NOT NULL,
    context text NOT NULL,
    description text,
    flags jsonb NOT NULL,
    confidence smallint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (submission_id, ioc_id)
);
CREATE INDEX sightings_ioc_id ON sightings (ioc_id, created_at DESC, submission_id DESC);
COMMENT ON TABLE sightings IS 'What one document says of one indicator. Added under the shared, removed under the exclusive advisory lock of this table.';
COMMENT ON COLUMN sightings.submission_id IS 'The document. No foreign key: the job, which has one, fences every insert, and checking each row again takes half of the time.';
COMMENT ON COLUMN sightings.ioc_id IS 'The indicator. No foreign key: it would lock popular indicators against each other (a quarter of the throughput).';
COMMENT ON COLUMN sightings.ordinal IS 'Order of first appearance in the document, from 0.';
COMMENT ON COLUMN sightings.raw IS 'What the document wrote.';
COMMENT ON COLUMN sightings.defanged IS 'The document wrote it defanged.';
COMMENT ON COLUMN sightings.page IS 'Page, from 1.';
COMMENT ON COLUMN sightings.sheet IS 'Name of the sheet.';
COMMENT ON COLUMN sightings.slide IS 'Slide, from 1.';
COMMENT ON COLUMN sightings.line IS 'Line of the text, from 1.';
COMMENT ON COLUMN sightings.char_offset IS 'Offset into the text in characters, from 0.';
COMMENT ON COLUMN sightings.char_length IS 'Length of what was written, in characters.';
COMMENT ON COLUMN sightings.occurrences IS 'How often it stands in the document.';
COMMENT ON COLUMN sightings.context IS 'The sentence, table row or line it stands in.';
COMMENT ON COLUMN sightings.description IS 'What the document calls it.';
COMMENT ON COLUMN sightings.flags IS 'Why it may be benign: [{reason, list}].';
COMMENT ON COLUMN sightings.confidence IS 'How sure the engine is, 0 to 100.';
COMMENT ON COLUMN sightings.created_at IS 'When it was stored.';
