package dev.sluice.auth;

import dev.sluice.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.SecretKey;

/**
 * The secrets that sign access tokens, shared by all nodes through the state database. The newest signs, all that are
 * not retired verify. They are read on first use, again every {@link #KEPT}, and at most once a second on an unknown key
 * id, so that forged ones cost little. While the database is away, those that are known go on to verify. Thread-safe.
 */
final class SigningSecrets {
    static final Duration KEPT = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final String LOCK = "SELECT pg_advisory_xact_lock(hashtext('sluice.signing_secret'))";

    private final Snapshot<Map<String, Secret>> secrets;

    SigningSecrets(Database database, InstantSource clock, InstantSource ticks) {
        this(() -> readOrCreate(database, clock), ticks);
    }

    /** @param reader gives all secrets by id, the newest first, and at least one */
    SigningSecrets(Snapshot.Reader<Map<String, Secret>> reader, InstantSource ticks) {
        this.secrets = new Snapshot<>("The signing secret", reader, PAUSE, ticks);
    }

    /** A secret of 256 bits and its id. */
    record Secret(String kid, SecretKey key) {}

    /**
     * The secret that signs; made when there is none.
     *
     * @throws SQLException when none is known and the database does not tell
     */
    Secret newest() throws SQLException {
        return known().values().iterator().next();
    }

    /**
     * The secret of this id; empty when there is none.
     *
     * @throws SQLException when it is not known and the database does not tell
     */
    Optional<Secret> find(String kid) throws SQLException {
        Secret secret = known().get(kid);
        if (secret == null && !secrets.require(PAUSE)) {
            throw unavailable();
        }
        return Optional.ofNullable(secret == null ? known().get(kid) : secret);
    }

    private Map<String, Secret> known() throws SQLException {
        if (secrets.value().isEmpty()) {
            secrets.require(KEPT);
        } else {
            secrets.refresh(KEPT);
        }
        return secrets.value().orElseThrow(this::unavailable);
    }

    /** The database's own words where there are some; without any, somebody else is still waiting for it. */
    private SQLException unavailable() {
        String reason = "The signing secrets cannot be read";
        return secrets.failure().orElse(null) instanceof SQLException failure
                ? new SQLException(reason, failure.getSQLState(), failure)
                : new SQLTransientConnectionException(reason);
    }

    private static Map<String, Secret> readOrCreate(Database database, InstantSource clock) throws SQLException {
        Map<String, Secret> secrets = database.call(SigningSecrets::read);
        return secrets.isEmpty() ? create(database, clock) : secrets;
    }

    /** Makes the first secret; of several nodes that try, one does. */
    private static Map<String, Secret> create(Database database, InstantSource clock) throws SQLException {
        return database.transaction(c -> {
            Sql.list(c, LOCK, row -> "");
            Map<String, Secret> secrets = read(c);
            return secrets.isEmpty() ? insert(c, clock) : secrets;
        });
    }

    private static Map<String, Secret> insert(Connection connection, InstantSource clock) throws SQLException {
        String sql = "INSERT INTO sluice.signing_secret (kid, secret, created_at) VALUES (?, ?, ?)";
        Sql.update(connection, sql, UUID.randomUUID().toString(), Secrets.random(32), clock.instant());
        return read(connection);
    }

    private static Map<String, Secret> read(Connection connection) throws SQLException {
        String sql = "SELECT kid, secret FROM sluice.signing_secret WHERE retired_at IS NULL"
                + " ORDER BY created_at DESC, kid LIMIT 100";
        Map<String, Secret> secrets = new LinkedHashMap<>();
        Sql.list(connection, sql, row -> new Secret(row.getString("kid"), Secrets.key(row.getBytes("secret"))))
                .forEach(secret -> secrets.put(secret.kid(), secret));
        return secrets;
    }
}
