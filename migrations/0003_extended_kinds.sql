-- Kinds that an answer holds only where they are asked for. They live in the tables of the others, and are
-- known by not being one of these.

CREATE FUNCTION is_standard(kind text) RETURNS boolean IMMUTABLE PARALLEL SAFE LANGUAGE sql
    RETURN kind IN ('ipv4', 'ipv6', 'domain', 'url', 'hash_md5', 'hash_sha1', 'hash_sha256', 'hash_sha512',
                    'email', 'cve', 'filename', 'command', 'filepath', 'asn', 'ip_range', 'ip_port',
                    'registry_key', 'mitre_attack');
COMMENT ON FUNCTION is_standard(text) IS 'Whether every answer holds this kind. Indexes stand on it: another list needs another function.';

-- The newest of the standard kinds, the newest of the others: whoever asks for all merges the two.
CREATE INDEX iocs_standard_created_at ON iocs (created_at DESC, id DESC) WHERE is_standard(kind);
CREATE INDEX iocs_extended_created_at ON iocs (created_at DESC, id DESC) WHERE NOT is_standard(kind);
DROP INDEX iocs_created_at;

COMMENT ON COLUMN submissions.ioc_count IS 'Its rows in sightings that are of a standard kind.';
COMMENT ON COLUMN iocs.kind IS 'What it is: ipv4, hash_sha256, …; x_… where the settings define it.';
