package dev.sluice.app;

import dev.sluice.db.Database;
import dev.sluice.db.Migrations;
import dev.sluice.settings.DemoSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The demo's tables and their rows, in schema {@code demo}: makes what is missing, tops up {@code users}, fills the
 * others when they are empty, and never deletes. The rows are the same on every machine; they are made by the server's
 * own functions, a batch in a transaction. Several nodes may start at once: a lock lets one after the other do a batch.
 * Used by one thread, at start.
 */
final class DemoData {
    private static final Logger LOG = LoggerFactory.getLogger(DemoData.class);

    /** Small enough to lose little when the program is stopped, and for others to wait for; a second's work. */
    private static final long BATCH = 100_000;

    private static final int TASKS = 1_000;
    private static final int LOGS = 10_000;
    private static final int EVENTS = 500;

    /** Any number, the same on all nodes. */
    private static final long LOCK = 0x534c_5549_4345_0001L;

    private final Database database;
    private final DemoSettings settings;
    private final long batch;

    DemoData(Database database, DemoSettings settings) {
        this(database, settings, BATCH);
    }

    DemoData(Database database, DemoSettings settings, long batch) {
        this.database = database;
        this.settings = settings;
        this.batch = batch;
    }

    /** Brings the schema to this version, and its tables to their sizes. */
    void prepare() throws SQLException {
        Migrations.run(database, "demo", "db/demo");
        fill();
    }

    void fill() throws SQLException {
        fillWhenEmpty("tasks", TASKS);
        fillWhenEmpty("logs", LOGS);
        fillWhenEmpty("events", EVENTS);
        topUpUsers(settings.rows());
    }

    private void fillWhenEmpty(String table, int rows) throws SQLException {
        String filled = "SELECT EXISTS (SELECT FROM demo." + table + ")";
        if (!database.call(connection -> isTrue(connection, filled))) {
            database.transaction(connection -> {
                lock(connection);
                return isTrue(connection, filled) ? 0 : add(connection, table, 1, rows);
            });
            refreshStatistics(table);
        }
    }

    private void topUpUsers(long rows) throws SQLException {
        if (rows == 0 || database.call(connection -> hasUser(connection, rows))) {
            return;
        }
        LOG.info("Demo: filling users up to {} rows", rows);
        long added = 0;
        for (long first = 1; first <= rows; first += batch) {
            added += addUsers(first, Math.min(rows, first + batch - 1));
        }
        refreshStatistics("users");
        LOG.info("Demo: {} users added", added);
    }

    private long addUsers(long first, long last) throws SQLException {
        if (database.call(connection -> hasUser(connection, last))) {
            return 0;
        }
        return database.transaction(connection -> {
            lock(connection);
            return hasUser(connection, last) ? 0L : add(connection, "users", first, last);
        });
    }

    /** A batch is there as a whole or not at all, so that its last row stands for all of it. */
    private static boolean hasUser(Connection connection, long number) throws SQLException {
        return isTrue(connection, "SELECT EXISTS (SELECT FROM demo.users WHERE id = demo.user_id(" + number + "))");
    }

    /** Held until the transaction ends; another node's batch takes seconds. */
    private static void lock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = '60s'");
            statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
        }
    }

    private static long add(Connection connection, String table, long first, long last) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT demo.add_" + table + "(first => ?, last => ?)")) {
            statement.setLong(1, first);
            statement.setLong(2, last);
            try (ResultSet added = statement.executeQuery()) {
                added.next();
                return added.getLong(1);
            }
        }
    }

    /** The planner's figures, and all rows marked as seen: otherwise the first export would pay for that. */
    private void refreshStatistics(String table) throws SQLException {
        database.call(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.execute("VACUUM (ANALYZE) demo." + table);
            }
        });
    }

    private static boolean isTrue(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            return answer.next() && answer.getBoolean(1);
        }
    }
}
