-- no-transaction
-- The sighting that says most of an indicator, without a look at the others: a technique stands in every third report.
CREATE INDEX CONCURRENTLY IF NOT EXISTS sightings_best ON sightings
    (ioc_id, feed_confidence(confidence, flags) DESC, submission_id DESC);
