package dev.sluice.auth;

import dev.sluice.db.Database;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.NumericDate;
import dev.sluice.http.ProblemException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tickets: what a browser puts into the address of a socket or event stream, in place of a token that would live on in
 * logs. A ticket opens one stream within {@link #LIFETIME}. The stream's name is in the claim {@code stream} and begins
 * every event id of that stream; so a reconnect that shows one of them may use the ticket again, until the token that
 * bought it expires. Thread-safe, on any number of nodes.
 */
final class Tickets {
    static final Duration LIFETIME = Duration.ofSeconds(30);
    static final String STREAM = "stream";
    /** Tickets of one caller that are not over. */
    static final int MOST = 1000;

    private final Database database;
    private final Sessions sessions;
    private final ApiKeys keys;
    private final Duration accessLifetime;
    private final InstantSource clock;

    Tickets(Database database, Sessions sessions, ApiKeys keys, Duration accessLifetime, InstantSource clock) {
        this.database = database;
        this.sessions = sessions;
        this.keys = keys;
        this.accessLifetime = accessLifetime;
        this.clock = clock;
    }

    String issue(Caller caller) throws SQLException {
        String ticket = Secrets.newText();
        Instant now = clock.instant();
        String sql = "INSERT INTO sluice.ticket (hash, subject, name, roles, claims, stream, expires_at, until)"
                + " SELECT ?, ?, ?, ?, ?::json, ?, ?, ?"
                + " WHERE (SELECT count(*) FROM sluice.ticket WHERE subject = ? AND until > ?) < " + MOST;
        int inserted = database.call(c -> Sql.update(
                c,
                sql,
                Secrets.hash(ticket),
                caller.subject(),
                caller.name(),
                caller.roles(),
                Json.text(caller.claims()),
                Secrets.text(Secrets.random(12)),
                now.plus(LIFETIME),
                end(caller, now),
                caller.subject(),
                now));
        if (inserted == 0) {
            throw new ProblemException(ErrorCode.TOO_MANY_REQUESTS, "Too many tickets.")
                    .retryAfter(LIFETIME.toSeconds());
        }
        return ticket;
    }

    /**
     * The caller who bought a ticket.
     *
     * @param lastEventId the last event that a reconnecting stream has seen
     */
    Optional<Caller> redeem(String ticket, @Nullable String lastEventId) throws SQLException {
        byte[] hash = Secrets.hash(ticket);
        Optional<Caller> caller = useFirst(hash);
        if (caller.isEmpty() && lastEventId != null) {
            caller = useAgain(hash, lastEventId);
        }
        return caller.isPresent() && isAlive(caller.get()) ? caller : Optional.empty();
    }

    private Optional<Caller> useFirst(byte[] hash) throws SQLException {
        Instant now = clock.instant();
        String sql = "UPDATE sluice.ticket SET used_at = ? WHERE hash = ? AND used_at IS NULL AND expires_at > ?"
                + " RETURNING subject, name, roles, claims, stream";
        return database.call(c -> Sql.first(c, sql, Tickets::readCaller, now, hash, now));
    }

    private Optional<Caller> useAgain(byte[] hash, String lastEventId) throws SQLException {
        String sql = "SELECT subject, name, roles, claims, stream FROM sluice.ticket"
                + " WHERE hash = ? AND used_at IS NOT NULL AND until > ?";
        return database.call(c -> Sql.first(c, sql, Tickets::readCaller, hash, clock.instant()))
                .filter(caller ->
                        lastEventId.startsWith(String.valueOf(caller.claims().get(STREAM))));
    }

    /** Whether what bought the ticket would still be accepted. */
    private boolean isAlive(Caller caller) throws SQLException {
        Optional<SessionCaller> session = SessionCaller.find(caller);
        if (session.isPresent()) {
            return sessions.findAccount(session.get().session()).isPresent();
        }
        return !(caller.claims().get("key") instanceof String key) || keys.isAlive(UUID.fromString(key));
    }

    private Instant end(Caller caller, Instant now) {
        return NumericDate.of(caller.claims().get("exp")).orElseGet(() -> now.plus(accessLifetime));
    }

    private static Caller readCaller(ResultSet row) throws SQLException {
        Map<String, Object> claims = new LinkedHashMap<>(Json.parseMap(row.getString("claims")));
        claims.put(STREAM, row.getString("stream"));
        Set<String> roles = Set.copyOf(Sql.texts(row, "roles"));
        return new Caller(row.getString("subject"), row.getString("name"), roles, claims);
    }
}
