-- no-transaction
-- What every search is answered by, but for hashes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS iocs_words_trgm ON iocs USING gin (value gin_trgm_ops)
    WITH (fastupdate = on, gin_pending_list_limit = 65536) WHERE NOT is_hash(kind);
