package dev.sluice.settings;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to reach a PostgreSQL.
 *
 * @param url JDBC address; empty when none is given
 * @param user role to log in as; empty leaves it to the address
 * @param password its password; empty leaves it to the address
 * @param poolSize connections kept at most
 * @param timeout how long a request waits for its answer; exports have time-outs of their own
 */
public record DatabaseSettings(
        Optional<String> url, Optional<String> user, Optional<String> password, int poolSize, Duration timeout) {
    static final Setting<Optional<String>> URL = Values.jdbcUrl(
            "database-url",
            "PostgreSQL 14 to 18 for Sluice's own state (schema sluice, writable). Without one, Sluice starts its own"
                    + " PostgreSQL in the data folder.");
    static final Setting<Optional<String>> USER =
            Values.optional("database-user", "role", "Role for database-url.").alias("database-url-user");
    static final Setting<Optional<String>> PASSWORD = Values.optional(
                    "database-password", "secret", "Password for database-url.")
            .alias("database-url-password");
    static final Setting<Integer> POOL_SIZE =
            Values.integer("database-pool-size", 10, 1, 500, "Connections to the state database, at most.");

    static final Setting<Duration> TIMEOUT = Values.duration(
            "database-timeout",
            "15s",
            "How long a request waits for the state database to say something, then 503; at least 1s.");

    static final Setting<Optional<String>> EXPORT_URL = Values.jdbcUrl(
            "export.database-url",
            "PostgreSQL that is exported, where it is another one; a read-only role or a standby suffices.");
    static final Setting<Optional<String>> EXPORT_USER = Values.optional(
                    "export.database-user", "role", "Role for export.database-url.")
            .alias("export.database-url-user");
    static final Setting<Optional<String>> EXPORT_PASSWORD = Values.optional(
                    "export.database-password", "secret", "Password for export.database-url.")
            .alias("export.database-url-password");

    static final List<Setting<?>> ALL =
            List.of(URL, USER, PASSWORD, POOL_SIZE, TIMEOUT, EXPORT_URL, EXPORT_USER, EXPORT_PASSWORD);

    static DatabaseSettings readState(SettingsReader in) {
        Duration timeout = in.get(TIMEOUT);
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0) {
            in.error("database-timeout: expected 1s or more");
        }
        return new DatabaseSettings(in.get(URL), in.get(USER), in.get(PASSWORD), in.get(POOL_SIZE), timeout);
    }

    /** The exported database; its pool is sized by {@code export.concurrency}. */
    static DatabaseSettings readExport(SettingsReader in, int poolSize) {
        return new DatabaseSettings(
                in.get(EXPORT_URL), in.get(EXPORT_USER), in.get(EXPORT_PASSWORD), poolSize, Duration.ZERO);
    }
}
