-- no-transaction
-- What a search for 31 digits or more is answered by.
CREATE INDEX CONCURRENTLY IF NOT EXISTS iocs_hash_blocks ON iocs USING gin (hash_blocks(value))
    WITH (fastupdate = on, gin_pending_list_limit = 65536) WHERE is_hash(kind);
