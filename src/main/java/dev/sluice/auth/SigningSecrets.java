package dev.sluice.auth;

import dev.sluice.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.SecretKey;

/**
 * The secrets that sign access tokens, shared by all nodes through the state database. The newest signs, all that are
 * not retired verify. Thread-safe; they are read on first use, again every {@link #KEPT}, and at most once a second on
 * an unknown key id, so that forged ones cost little.
 */
final class SigningSecrets {
    static final Duration KEPT = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final String LOCK = "SELECT pg_advisory_xact_lock(hashtext('sluice.signing_secret'))";

    private final Database database;
    private final InstantSource clock;
    private volatile Known known = new Known(Map.of(), Instant.MIN);

    SigningSecrets(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** A secret of 256 bits and its id. */
    record Secret(String kid, SecretKey key) {}

    /** Secrets by id, the newest first. */
    private record Known(Map<String, Secret> secrets, Instant readAt) {
        boolean olderThan(Duration age, Instant now) {
            return readAt.isBefore(now.minus(age));
        }
    }

    /** The secret that signs; made when there is none. */
    Secret newest() throws SQLException {
        if (known.secrets().isEmpty() || known.olderThan(KEPT, clock.instant())) {
            reload(KEPT);
        }
        return known.secrets().values().iterator().next();
    }

    Optional<Secret> find(String kid) throws SQLException {
        Duration age = known.secrets().containsKey(kid) ? KEPT : PAUSE;
        if (known.olderThan(age, clock.instant())) {
            reload(age);
        }
        return Optional.ofNullable(known.secrets().get(kid));
    }

    private synchronized void reload(Duration age) throws SQLException {
        if (!known.secrets().isEmpty() && !known.olderThan(age, clock.instant())) {
            return;
        }
        Map<String, Secret> secrets = database.call(this::read);
        known = new Known(secrets.isEmpty() ? create() : secrets, clock.instant());
    }

    /** Makes the first secret; of several nodes that try, one does. */
    private Map<String, Secret> create() throws SQLException {
        return database.transaction(c -> {
            Sql.list(c, LOCK, row -> "");
            Map<String, Secret> secrets = read(c);
            return secrets.isEmpty() ? insert(c) : secrets;
        });
    }

    private Map<String, Secret> insert(Connection connection) throws SQLException {
        String sql = "INSERT INTO sluice.signing_secret (kid, secret, created_at) VALUES (?, ?, ?)";
        Sql.update(connection, sql, UUID.randomUUID().toString(), Secrets.random(32), clock.instant());
        return read(connection);
    }

    private Map<String, Secret> read(Connection connection) throws SQLException {
        String sql = "SELECT kid, secret FROM sluice.signing_secret WHERE retired_at IS NULL"
                + " ORDER BY created_at DESC, kid LIMIT 100";
        Map<String, Secret> secrets = new LinkedHashMap<>();
        Sql.list(connection, sql, row -> new Secret(row.getString("kid"), Secrets.key(row.getBytes("secret"))))
                .forEach(secret -> secrets.put(secret.kid(), secret));
        return secrets;
    }
}
