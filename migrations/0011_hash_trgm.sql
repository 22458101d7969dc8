-- no-transaction
-- What a search for fewer digits is answered by, beside the next.
CREATE INDEX CONCURRENTLY IF NOT EXISTS iocs_hash_trgm ON iocs USING gin (value gin_trgm_ops)
    WITH (fastupdate = on, gin_pending_list_limit = 65536) WHERE is_hash(kind);
