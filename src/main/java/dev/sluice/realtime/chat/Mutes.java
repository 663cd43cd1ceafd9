package dev.sluice.realtime.chat;

import dev.sluice.db.Database;
import dev.sluice.flow.Budget;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may not speak in which room, and until when. Kept in the state database and, for the question that every message
 * asks, in memory: another node's mutes are known here within {@link #SECONDS}. While the database does not answer, what
 * is known goes on. Thread-safe; has a thread of its own once started; closed once.
 */
public final class Mutes implements AutoCloseable {
    static final long SECONDS = 2;
    /** Mutes at once, in all rooms. */
    static final int MOST = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Mutes.class);

    private final Database database;
    private final InstantSource clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "sluice-mutes");
        made.setDaemon(true);
        return made;
    });
    private volatile Map<Who, Instant> known = Map.of();

    private record Who(String room, String userId) {}

    /** Who was muted, by whom. */
    record Mute(String room, String userId, Instant until, String by) {}

    /** @param clock to know when a mute is over */
    public Mutes(Database database, InstantSource clock, Budget budget) {
        this.database = database;
        this.clock = clock;
        budget.register(new Budget.Gauge("chat.mutes", () -> known.size(), MOST));
    }

    /** Reads what the database knows, and begins to follow it. */
    public void start() {
        followQuietly();
        var unused = thread.scheduleWithFixedDelay(this::followQuietly, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    boolean isMuted(String room, String userId) {
        Instant until = known.get(new Who(room, userId));
        return until != null && until.isAfter(clock.instant());
    }

    /**
     * Mutes somebody, for this long from now on, whatever held before.
     *
     * @throws ProblemException 409 when too many are muted already
     */
    Mute mute(String room, String userId, Duration time, String by) throws SQLException {
        Mute mute = new Mute(room, userId, clock.instant().plus(time), by);
        boolean done = database.transaction(connection -> {
            forgetOld(connection);
            return insert(connection, mute);
        });
        if (!done) {
            throw new ProblemException(ErrorCode.LIMIT_REACHED, "There are " + MOST + " mutes already.");
        }
        follow();
        return mute;
    }

    private boolean insert(Connection connection, Mute mute) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sluice.chat_mute (room, user_id, until, muted_by)
                SELECT ?, ?, ?::timestamptz, ? WHERE (SELECT count(*) FROM sluice.chat_mute) < ?
                ON CONFLICT (room, user_id) DO UPDATE
                SET until = excluded.until, muted_by = excluded.muted_by, created = now()""")) {
            statement.setString(1, mute.room());
            statement.setString(2, mute.userId());
            statement.setTimestamp(3, Timestamp.from(mute.until()));
            statement.setString(4, mute.by());
            statement.setInt(5, MOST);
            return statement.executeUpdate() > 0;
        }
    }

    private void forgetOld(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM sluice.chat_mute WHERE until <= ?")) {
            statement.setTimestamp(1, Timestamp.from(clock.instant()));
            statement.executeUpdate();
        }
    }

    /**
     * Lets somebody speak again.
     *
     * @return whether that was not so before
     */
    boolean unmute(String room, String userId) throws SQLException {
        int deleted = database.call(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("DELETE FROM sluice.chat_mute WHERE room = ? AND user_id = ?")) {
                statement.setString(1, room);
                statement.setString(2, userId);
                return statement.executeUpdate();
            }
        });
        follow();
        return deleted > 0;
    }

    /** The mutes of a room after a user, in the order of their names. */
    List<Mute> of(String room, String after, int limit) throws SQLException {
        return database.call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                    SELECT user_id, until, muted_by FROM sluice.chat_mute
                    WHERE room = ? AND user_id > ? AND until > ? ORDER BY user_id LIMIT ?""")) {
                statement.setString(1, room);
                statement.setString(2, after);
                statement.setTimestamp(3, Timestamp.from(clock.instant()));
                statement.setInt(4, limit);
                return read(room, statement);
            }
        });
    }

    private static List<Mute> read(String room, PreparedStatement statement) throws SQLException {
        List<Mute> mutes = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                mutes.add(new Mute(
                        room,
                        rows.getString("user_id"),
                        rows.getTimestamp("until").toInstant(),
                        rows.getString("muted_by")));
            }
        }
        return mutes;
    }

    private void followQuietly() {
        try {
            follow();
        } catch (SQLException | RuntimeException e) {
            Problem.log(LOG, "Who is muted could not be read", e);
        }
    }

    /** One at a time, so that what is known never gets older. */
    private synchronized void follow() throws SQLException {
        Map<Who, Instant> read = new HashMap<>();
        database.call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT room, user_id, until FROM sluice.chat_mute WHERE until > ? LIMIT ?")) {
                statement.setTimestamp(1, Timestamp.from(clock.instant()));
                statement.setInt(2, MOST);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        read.put(
                                new Who(rows.getString(1), rows.getString(2)),
                                rows.getTimestamp(3).toInstant());
                    }
                }
            }
            return read;
        });
        known = Map.copyOf(read);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
