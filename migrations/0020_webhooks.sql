-- Webhooks: who wants to be told of what, what is still to be told, and how it went.
--
-- Lock order: a webhook's row is taken FOR KEY SHARE before the jobs of 0001_schema.sql, so that one that is being
-- deleted is waited for and left out, rather than breaking the result that would tell it something.

CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    url text NOT NULL,
    key bytea NOT NULL CHECK (length(key) = 32),
    events text[] NOT NULL CHECK (events <@ ARRAY['submission.completed', 'submission.failed', 'iocs.new']),
    kinds text[] NOT NULL DEFAULT '{}',
    confidence smallint NOT NULL DEFAULT 0 CHECK (confidence BETWEEN 0 AND 100),
    flagged boolean NOT NULL DEFAULT false,
    own boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    paused_at timestamptz,
    paused_because text,
    ready_at timestamptz NOT NULL DEFAULT now(),
    claim bigint,
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    CHECK ((paused_at IS NULL) = (paused_because IS NULL))
);
CREATE INDEX webhooks_owner_id ON webhooks (owner_id, created_at);
COMMENT ON TABLE webhooks IS 'Addresses that are told of what happens. A row is what a sender claims: one event of it is on its way at a time.';
COMMENT ON COLUMN webhooks.id IS 'UUIDv7, shown as hook_….';
COMMENT ON COLUMN webhooks.owner_id IS 'Whose it is.';
COMMENT ON COLUMN webhooks.url IS 'Where events are sent.';
COMMENT ON COLUMN webhooks.key IS 'Key of the signatures. In clear, as every event is signed anew; shown once, when the webhook is made.';
COMMENT ON COLUMN webhooks.events IS 'Events that it wants.';
COMMENT ON COLUMN webhooks.kinds IS 'Kinds of new indicators that it wants; empty: every standard one.';
COMMENT ON COLUMN webhooks.confidence IS 'Least confidence of new indicators that it wants.';
COMMENT ON COLUMN webhooks.flagged IS 'It wants new indicators that may be benign, too.';
COMMENT ON COLUMN webhooks.own IS 'It wants events of submissions of its owner alone.';
COMMENT ON COLUMN webhooks.created_at IS 'When it was made.';
COMMENT ON COLUMN webhooks.paused_at IS 'Since when nothing is sent and nothing new is kept for it; null: active.';
COMMENT ON COLUMN webhooks.paused_because IS 'Why it is paused, for people.';
COMMENT ON COLUMN webhooks.ready_at IS 'Earliest next try of any of its events; while a sender has it, end of its lease.';
COMMENT ON COLUMN webhooks.claim IS 'Number of the last claim: the fence. A sender writes only while this is its own.';
COMMENT ON COLUMN webhooks.failures IS 'Tries that failed since the last that did not.';
COMMENT ON COLUMN webhooks.failing_since IS 'When the first of these failed.';

CREATE SEQUENCE webhook_claims;
COMMENT ON SEQUENCE webhook_claims IS 'Numbers every claim of a webhook.';

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    event text NOT NULL CHECK (event IN ('submission.completed', 'submission.failed', 'iocs.new', 'webhook.test')),
    submission_id uuid,
    iocs jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    ready_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'given_up')),
    ended_at timestamptz,
    CHECK ((status = 'pending') = (ended_at IS NULL))
);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook_id, ready_at, id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_webhook_id ON webhook_deliveries (webhook_id, id DESC);
CREATE INDEX webhook_deliveries_ended_at ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON TABLE webhook_deliveries IS 'One event for one webhook, written in the transaction that brings it about. Removed some time after its end.';
COMMENT ON COLUMN webhook_deliveries.id IS 'UUIDv7, shown as evt_…: the same in every try, so that a receiver knows it again.';
COMMENT ON COLUMN webhook_deliveries.webhook_id IS 'Who is to be told.';
COMMENT ON COLUMN webhook_deliveries.event IS 'What happened.';
COMMENT ON COLUMN webhook_deliveries.submission_id IS 'The submission that it happened to; null for a test. No foreign key: a deleted one stays as a tombstone.';
COMMENT ON COLUMN webhook_deliveries.iocs IS 'The new indicators, as they are told; null for other events.';
COMMENT ON COLUMN webhook_deliveries.created_at IS 'When it happened.';
COMMENT ON COLUMN webhook_deliveries.ready_at IS 'Earliest next try.';
COMMENT ON COLUMN webhook_deliveries.attempts IS 'Tries so far, counted when one begins.';
COMMENT ON COLUMN webhook_deliveries.status IS 'How far it has come.';
COMMENT ON COLUMN webhook_deliveries.ended_at IS 'When it was delivered or given up.';

CREATE TABLE webhook_attempts (
    delivery_id uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    attempt integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    milliseconds integer NOT NULL,
    status integer,
    error text,
    answer text NOT NULL,
    PRIMARY KEY (delivery_id, attempt),
    CHECK ((status IS NULL) <> (error IS NULL))
);
COMMENT ON TABLE webhook_attempts IS 'How each try went. One that a crash cut off is missing.';
COMMENT ON COLUMN webhook_attempts.delivery_id IS 'What was tried.';
COMMENT ON COLUMN webhook_attempts.attempt IS 'The how-manieth try, from 1.';
COMMENT ON COLUMN webhook_attempts.at IS 'When it ended.';
COMMENT ON COLUMN webhook_attempts.milliseconds IS 'How long it took.';
COMMENT ON COLUMN webhook_attempts.status IS 'HTTP status of the answer; null where there was none.';
COMMENT ON COLUMN webhook_attempts.error IS 'Why there was no answer; null where there was one.';
COMMENT ON COLUMN webhook_attempts.answer IS 'The first bytes of the answer, as text.';

-- The listeners of the jobs wake the senders as well.
CREATE TRIGGER webhook_deliveries_notify AFTER INSERT ON webhook_deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION jobs_notify();
