-- A queue in which a single document does not wait behind somebody's import of ten thousand.
--
-- Each lane hands in its jobs one after the other: the next one gets the turn after the lane's last, and at least
-- that of whoever is next. The lowest turn goes first. So lanes alternate, and none waits for ever.

ALTER TABLE jobs ADD COLUMN lane uuid, ADD COLUMN turn bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN jobs.lane IS 'Who shares one place in the queue: the token, or the account without one. Null in jobs of before there were lanes.';
COMMENT ON COLUMN jobs.turn IS 'The lowest goes first; see next_turn.';
CREATE INDEX jobs_turn ON jobs (turn, ready_at, submission_id);
CREATE INDEX jobs_lane ON jobs (lane, turn);
DROP INDEX jobs_ready_at;

CREATE FUNCTION next_turn(of_lane uuid) RETURNS bigint STABLE LANGUAGE sql AS $$
    SELECT greatest((SELECT max(turn) + 1 FROM jobs WHERE lane = of_lane),
                    (SELECT turn FROM jobs WHERE ready_at <= now() ORDER BY turn, ready_at, submission_id LIMIT 1),
                    0);
$$;
COMMENT ON FUNCTION next_turn(uuid) IS 'The turn of the next job of a lane.';
