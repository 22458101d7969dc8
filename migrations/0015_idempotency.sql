-- Clients name their requests, so that one that got no answer can hand the same in again.
--
-- The lock of a name, lock_key('request', …), comes before that of a content or URL: whoever has the latter never waits
-- for the former.

CREATE TABLE idempotency_keys (
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    request bytea NOT NULL CHECK (length(request) = 32),
    submission_id uuid NOT NULL REFERENCES submissions ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    is_new boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner_id, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
COMMENT ON TABLE idempotency_keys IS 'What requests with an Idempotency-Key led to, for a day. Written under lock_key(''request'', owner:key).';
COMMENT ON COLUMN idempotency_keys.owner_id IS 'Who handed it in: each account has its own keys.';
COMMENT ON COLUMN idempotency_keys.key IS 'What the client called the request.';
COMMENT ON COLUMN idempotency_keys.request IS 'SHA-256 of what was handed in, so that another request under the same key is told.';
COMMENT ON COLUMN idempotency_keys.submission_id IS 'The answer. Deferred: written before the submission, whose stamp holds up every other writer.';
COMMENT ON COLUMN idempotency_keys.is_new IS 'The request made the submission, rather than met it.';
COMMENT ON COLUMN idempotency_keys.created_at IS 'When the request came.';
