-- no-transaction
-- What a search for an address is answered by.
CREATE INDEX CONCURRENTLY IF NOT EXISTS iocs_dotted_keys ON iocs USING gin (dotted_keys(value))
    WITH (fastupdate = on, gin_pending_list_limit = 65536) WHERE NOT is_hash(kind) AND is_dotted(value);
