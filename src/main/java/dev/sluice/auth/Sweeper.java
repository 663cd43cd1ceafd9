package dev.sluice.auth;

import dev.sluice.db.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what has expired, every {@link #PERIOD} by a thread of its own from {@link #start} to {@link #close}. Several
 * nodes may do so at once.
 */
final class Sweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    private static final Duration PERIOD = Duration.ofMinutes(10);

    private static final int BATCH = 5_000;
    /** Ended sessions are kept for a while, so that an old refresh token is still known as such. */
    private static final Duration KEPT = Duration.ofHours(1);
    /** Expired keys stay visible to their owners for a while. */
    private static final Duration KEYS_KEPT = Duration.ofDays(30);

    private final Database database;
    private final Duration refreshLifetime;
    private final InstantSource clock;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "sluice-auth-sweeper");
        thread.setDaemon(true);
        return thread;
    });

    Sweeper(Database database, Duration refreshLifetime, InstantSource clock) {
        this.database = database;
        this.refreshLifetime = refreshLifetime;
        this.clock = clock;
    }

    void start() {
        long millis = PERIOD.toMillis();
        var unused = executor.scheduleWithFixedDelay(this::trySweep, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** Answers how many rows were deleted. */
    int sweep() throws SQLException {
        Instant now = clock.instant();
        return delete("sluice.session", "expires_at", now.minus(KEPT))
                + delete("sluice.session", "revoked_at", now.minus(KEPT))
                + delete("sluice.refresh_token", "used_at", now.minus(refreshLifetime))
                + delete("sluice.ticket", "until", now)
                + delete("sluice.api_key", "expires_at", now.minus(KEYS_KEPT));
    }

    /** Batch by batch: each statement has its time limit, however much there is. */
    private int delete(String table, String column, Instant before) throws SQLException {
        String sql = "DELETE FROM " + table + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + table + " WHERE " + column
                + " < ? LIMIT " + BATCH + "))";
        int all = 0;
        int deleted = BATCH;
        while (deleted == BATCH) {
            deleted = database.call(c -> Sql.update(c, sql, before));
            all += deleted;
        }
        return all;
    }

    private void trySweep() {
        try {
            sweep();
        } catch (SQLException e) {
            LOG.warn(
                    "Expired sessions, tickets and keys could not be deleted; the next sweep will: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.warn("Expired sessions, tickets and keys could not be deleted; the next sweep will", e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
