-- Values with a hash in them, as links to a sandbox and files named by their hash, get a search index of their own. Whoever asks
-- for a whole hash asks for these besides the hash itself: among all other values their digits are looked for in vain, and take
-- longer than the hash does. The index is built in the next file.

CREATE FUNCTION has_long_digits(value text) RETURNS boolean IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN value ~ '[0-9a-fA-F]{31}';
COMMENT ON FUNCTION has_long_digits(text) IS 'Whether 31 hexadecimal digits stand in it on end, as many as hash_blocks needs. An index stands on it.';
