package dev.sluice.auth;

import dev.sluice.db.Database;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.SecretKey;

/**
 * Refresh tokens that rotate (RFC 9700, section 4.14.2). Thread-safe, on any number of nodes.
 *
 * <p>A token's successor is HMAC-SHA-256(rotation key of the session, token). So all tabs that refresh at once, and a
 * client that lost the reply, get the same successor within {@link #GRACE}, although the database keeps only hashes.
 * A token that comes back later was stolen, or its thief has the successor: the whole session ends.
 */
final class RefreshTokens {
    static final Duration GRACE = Duration.ofSeconds(30);
    /** Rotations of one session in a minute; what is beyond makes rows and no sense. */
    static final int MOST_IN_A_MINUTE = 60;

    private final Database database;
    private final Duration lifetime;
    private final InstantSource clock;

    RefreshTokens(Database database, Duration lifetime, InstantSource clock) {
        this.database = database;
        this.lifetime = lifetime;
        this.clock = clock;
    }

    enum Outcome {
        ROTATED,
        UNKNOWN,
        REUSED
    }

    /** What became of a token; account and session are there when it was rotated. */
    record Rotation(Outcome outcome, Optional<Account> account, Optional<Sessions.Started> session) {
        static Rotation refused(Outcome outcome) {
            return new Rotation(outcome, Optional.empty(), Optional.empty());
        }
    }

    /** A token as found, its first use noted. */
    private record Used(UUID session, SecretKey rotationKey, Instant usedAt, boolean alive, Account account) {
        static Used read(ResultSet row) throws SQLException {
            return new Used(
                    row.getObject("session", UUID.class),
                    Secrets.key(row.getBytes("rotation_key")),
                    Sql.instant(row, "used_at"),
                    row.getBoolean("alive"),
                    Account.read(row));
        }
    }

    /**
     * Takes a token and gives its successor.
     *
     * @throws ProblemException 429 when the session rotates too often
     */
    Rotation rotate(String token) throws SQLException {
        return database.transaction(c -> {
            Optional<Used> used = use(c, token);
            return used.isEmpty() ? Rotation.refused(Outcome.UNKNOWN) : rotate(c, token, used.get());
        });
    }

    /** Ends the session that a token belongs to, if there is one. */
    void revoke(String token) throws SQLException {
        String sql = "UPDATE sluice.session SET revoked_at = coalesce(revoked_at, ?)"
                + " WHERE id = (SELECT session FROM sluice.refresh_token WHERE hash = ?)";
        database.call(c -> Sql.update(c, sql, clock.instant(), Secrets.hash(token)));
    }

    static void insert(Connection connection, String token, UUID session, Instant now) throws SQLException {
        String sql = "INSERT INTO sluice.refresh_token (hash, session, created_at) VALUES (?, ?, ?)"
                + " ON CONFLICT DO NOTHING";
        Sql.update(connection, sql, Secrets.hash(token), session, now);
    }

    /** Notes the first use. The row's lock puts simultaneous uses in a line, and all see the same first use. */
    private Optional<Used> use(Connection connection, String token) throws SQLException {
        Instant now = clock.instant();
        String sql = "UPDATE sluice.refresh_token t SET used_at = coalesce(t.used_at, ?)"
                + " FROM sluice.session s JOIN sluice.account a ON a.id = s.account"
                + " WHERE t.hash = ? AND s.id = t.session RETURNING t.session, t.used_at, s.rotation_key,"
                + " s.revoked_at IS NULL AND s.expires_at > ? AND NOT a.disabled AS alive, " + Account.COLUMNS;
        return Sql.first(connection, sql, Used::read, now, Secrets.hash(token), now);
    }

    private Rotation rotate(Connection connection, String token, Used used) throws SQLException {
        if (!used.alive()) {
            return Rotation.refused(Outcome.UNKNOWN);
        }
        if (used.usedAt().plus(GRACE).isBefore(clock.instant())) {
            Sessions.revoke(connection, used.session(), clock.instant());
            return Rotation.refused(Outcome.REUSED);
        }
        if (countOfLastMinute(connection, used.session()) >= MOST_IN_A_MINUTE) {
            // Thrown, so that the token is not noted as used.
            throw new ProblemException(ErrorCode.TOO_MANY_REQUESTS, "Refreshed too often.").retryAfter(60);
        }
        return succeed(connection, token, used);
    }

    private Rotation succeed(Connection connection, String token, Used used) throws SQLException {
        Instant now = clock.instant();
        String successor = Secrets.text(Secrets.hmac(used.rotationKey(), token));
        insert(connection, successor, used.session(), now);
        String sql = "UPDATE sluice.session SET last_used_at = ?, expires_at = ? WHERE id = ? AND revoked_at IS NULL";
        if (Sql.update(connection, sql, now, now.plus(lifetime), used.session()) == 0) {
            return Rotation.refused(Outcome.UNKNOWN);
        }
        Sessions.Started session = new Sessions.Started(used.session(), successor);
        return new Rotation(Outcome.ROTATED, Optional.of(used.account()), Optional.of(session));
    }

    private int countOfLastMinute(Connection connection, UUID session) throws SQLException {
        String sql = "SELECT count(*) FROM sluice.refresh_token WHERE session = ? AND created_at > ?";
        Instant since = clock.instant().minusSeconds(60);
        return Sql.first(connection, sql, row -> row.getInt(1), session, since).orElse(0);
    }
}
