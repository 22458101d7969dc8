-- How many documents show an indicator is counted when somebody asks. Where they are very many the count is kept: a name server
-- or a technique stands in every third report, and each page that shows it would count them all.
--
-- An indicator is noted first, without a count. From then on triggers write down each sighting of it that comes or goes; when
-- those who began before have ended, which the lock on `sightings` tells, it is counted.

CREATE TABLE frequent_iocs (
    ioc_id uuid PRIMARY KEY,
    n bigint
);
COMMENT ON TABLE frequent_iocs IS 'Indicators that so many documents show that the count is kept.';
COMMENT ON COLUMN frequent_iocs.ioc_id IS 'The indicator. No foreign key: it would ask for each indicator that goes.';
COMMENT ON COLUMN frequent_iocs.n IS 'Its rows in sightings, but for the changes below; null until it is counted.';

CREATE TABLE frequent_iocs_changes (
    ioc_id uuid NOT NULL,
    n bigint NOT NULL
);
CREATE INDEX frequent_iocs_changes_ioc_id ON frequent_iocs_changes (ioc_id);
COMMENT ON TABLE frequent_iocs_changes IS 'Changes of these counts, not yet added up: a row for each indicator and document.';
COMMENT ON COLUMN frequent_iocs_changes.ioc_id IS 'The indicator.';
COMMENT ON COLUMN frequent_iocs_changes.n IS '1 for a document that began to show it, -1 for one that no longer does.';

CREATE FUNCTION sightings_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO frequent_iocs_changes SELECT ioc_id, 1 FROM frequent_iocs JOIN added USING (ioc_id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sightings_added() IS 'Notes new sightings of frequent indicators.';
CREATE TRIGGER sightings_added AFTER INSERT ON sightings REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION sightings_added();

CREATE FUNCTION sightings_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO frequent_iocs_changes SELECT ioc_id, -1 FROM frequent_iocs JOIN removed USING (ioc_id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sightings_removed() IS 'Notes removed sightings of frequent indicators.';
CREATE TRIGGER sightings_removed AFTER DELETE ON sightings REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION sightings_removed();

CREATE FUNCTION add_up_frequent_iocs() RETURNS void LANGUAGE sql AS $$
    WITH changes AS (
        DELETE FROM frequent_iocs_changes c USING frequent_iocs f
        WHERE f.ioc_id = c.ioc_id AND f.n IS NOT NULL RETURNING c.ioc_id, c.n)
    INSERT INTO frequent_iocs AS f SELECT ioc_id, sum(n) FROM changes GROUP BY ioc_id ORDER BY ioc_id
        ON CONFLICT (ioc_id) DO UPDATE SET n = f.n + excluded.n;
$$;
COMMENT ON FUNCTION add_up_frequent_iocs() IS 'Moves what is committed of frequent_iocs_changes into frequent_iocs.';

CREATE FUNCTION seen(ioc uuid) RETURNS TABLE (first timestamptz, last timestamptz, n bigint) STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT coalesce(c.first, (SELECT s.created_at FROM sightings s WHERE s.ioc_id = ioc ORDER BY s.created_at LIMIT 1)),
           coalesce(c.last, (SELECT s.created_at FROM sightings s WHERE s.ioc_id = ioc ORDER BY s.created_at DESC LIMIT 1)),
           CASE WHEN f.n IS NULL THEN c.n
                ELSE f.n + (SELECT coalesce(sum(d.n), 0)::bigint FROM frequent_iocs_changes d WHERE d.ioc_id = ioc) END
    FROM (VALUES (ioc)) AS one (id)
    LEFT JOIN frequent_iocs f ON f.ioc_id = one.id
    CROSS JOIN LATERAL (
        SELECT min(s.created_at) AS first, max(s.created_at) AS last, count(*) AS n
        FROM sightings s WHERE s.ioc_id = ioc AND f.n IS NULL) c
$$;
COMMENT ON FUNCTION seen(uuid) IS 'When documents first and last began to show an indicator, and how many do: kept where they are very many, else counted. Postgres puts it in place of the call.';
