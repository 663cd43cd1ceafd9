package dev.sluice.db;

import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells operators when a database cannot be connected to any more, and when it can again: one line for each change,
 * however often a pool tries. Thread-safe.
 */
final class ConnectionWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionWatch.class);

    private final String database;
    private final AtomicReference<@Nullable String> trouble = new AtomicReference<>();

    /** @param database which one it is, for people; empty = nobody is told */
    ConnectionWatch(String database) {
        this.database = database;
    }

    void succeeded() {
        if (trouble.getAndSet(null) != null) {
            LOG.info("The {} is reached again", database);
        }
    }

    void failed(SQLException error) {
        String reason = reason(error);
        if (!Objects.equals(trouble.getAndSet(reason), reason) && !database.isEmpty()) {
            LOG.warn("The {} cannot be reached: {}", database, reason);
        }
    }

    static String reason(SQLException error) {
        return String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    }
}
