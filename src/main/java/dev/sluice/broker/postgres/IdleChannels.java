package dev.sluice.broker.postgres;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Deletes, once a day, the rows of channels of which nothing has been kept for a week. Their next streams begin with
 * offset 1, so the epoch of new streams changes with it, in one transaction. Only on the session that leads: the
 * placing of publications must not see a channel half gone.
 */
final class IdleChannels {
    private static final Duration FIRST = Duration.ofMinutes(10);
    private static final Duration EVERY = Duration.ofDays(1);
    private static final int BATCH = 1_000;

    private static final String RETIRE = """
            WITH idle AS (
                SELECT c.channel FROM sluice.channel AS c
                WHERE c.emptied < now() - interval '7 days'
                  AND (SELECT true FROM sluice.stream AS s WHERE s.channel = c.channel LIMIT 1) IS NULL
                ORDER BY c.emptied LIMIT %d
            ), gone AS (
                DELETE FROM sluice.channel WHERE channel = ANY (ARRAY(SELECT channel FROM idle)) RETURNING channel
            ), turned AS (
                UPDATE sluice.epoch SET epoch = substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)
                WHERE EXISTS (SELECT FROM gone)
            )
            SELECT count(*) FROM gone
            """.formatted(BATCH);

    private final PreparedStatement retire;
    private final InstantSource ticks;
    private Instant next;

    IdleChannels(Session session, InstantSource ticks) throws SQLException {
        this.retire = session.prepare(RETIRE);
        this.ticks = ticks;
        this.next = ticks.instant().plus(FIRST);
    }

    /** One batch, when it is time; the next batch at once, until there are no more. */
    void retire() throws SQLException {
        Instant now = ticks.instant();
        if (!now.isBefore(next) && retireBatch() < BATCH) {
            next = now.plus(EVERY);
        }
    }

    int retireBatch() throws SQLException {
        try (ResultSet result = retire.executeQuery()) {
            result.next();
            return result.getInt(1);
        }
    }
}
