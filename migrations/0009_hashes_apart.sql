-- Hashes get search indexes of their own. Digits stand in every value of theirs: together with the words of all others
-- they made each list of the one index long, and searches for either slow. The indexes are built in the files that
-- follow, one statement each, beside readers and writers.

CREATE FUNCTION is_hash(kind text) RETURNS boolean IMMUTABLE PARALLEL SAFE LANGUAGE sql
    RETURN kind IN ('hash_md5', 'hash_sha1', 'hash_sha256', 'hash_sha512');
COMMENT ON FUNCTION is_hash(text) IS 'Whether values of this kind are hexadecimal digits alone, at least 32. Indexes stand on it.';

-- Eight digits from each multiple of 24 on: whatever part of a hash has 31 digits holds such a block whole.
CREATE FUNCTION hash_block(value text, number integer) RETURNS integer IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN ('x' || substr(value, 24 * number + 1, 8))::bit(32)::integer;
COMMENT ON FUNCTION hash_block(text, integer) IS 'The block of a hash with this number, from 0, as a number.';
CREATE FUNCTION hash_blocks(value text) RETURNS integer[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN CASE length(value)
        WHEN 32 THEN ARRAY[hash_block(value, 0), hash_block(value, 1)]
        WHEN 40 THEN ARRAY[hash_block(value, 0), hash_block(value, 1)]
        WHEN 64 THEN ARRAY[hash_block(value, 0), hash_block(value, 1), hash_block(value, 2)]
        WHEN 128 THEN ARRAY[hash_block(value, 0), hash_block(value, 1), hash_block(value, 2),
                            hash_block(value, 3), hash_block(value, 4), hash_block(value, 5)]
    END;
COMMENT ON FUNCTION hash_blocks(text) IS 'The blocks of a hash: what a search for 31 digits or more is answered by.';
