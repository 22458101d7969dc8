-- no-transaction
-- Nothing asks it any more.
DROP INDEX CONCURRENTLY IF EXISTS iocs_value_trgm;
