-- no-transaction
-- What a search for 31 hexadecimal digits or more is answered by, besides hashes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS iocs_long_digits_trgm ON iocs USING gin (value gin_trgm_ops)
    WITH (fastupdate = on, gin_pending_list_limit = 65536) WHERE NOT is_hash(kind) AND has_long_digits(value);
