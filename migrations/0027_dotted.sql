-- Addresses get a search index of their own. Numbers of one and two digits tell an index of trigrams little: their lists are as
-- long as the table. Four numbers with dots between them tell enough together. The index is built in the next file.

CREATE FUNCTION is_dotted(value text) RETURNS boolean IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN value ~ '[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]';
COMMENT ON FUNCTION is_dotted(text) IS 'Whether four numbers stand in it with dots between them, the inner two of three digits at most. An index stands on it.';

-- Of the outer two only the digit beside the dot counts: a search may begin or end within them. Where more than four
-- stand in a row they overlap, and only the first four would be seen: those are found by any four.
CREATE FUNCTION dotted_keys(value text) RETURNS integer[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
    RETURN (SELECT array_agg(((m[1]::integer * 1000 + m[2]::integer) * 1000 + m[3]::integer) * 10 + m[4]::integer)
            FROM regexp_matches(value, '([0-9])\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9])', 'g') AS m)
        || CASE WHEN value ~ '[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]' THEN ARRAY[-1] END;
COMMENT ON FUNCTION dotted_keys(text) IS 'What a search for an address is answered by: a number for each four numbers with dots between them, and -1 where more than four stand in a row.';
