package dev.sluice.auth;

import dev.sluice.db.Database;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tells, for many callers at once, whose sign-in or key has ended before its time. Thread-safe. */
final class Revocations {
    private static final String ALIVE = "SELECT s.id::text FROM sluice.session s"
            + " JOIN sluice.account a ON a.id = s.account WHERE s.id = ANY (?::uuid[]) AND s.revoked_at IS NULL"
            + " AND s.expires_at > ? AND NOT a.disabled UNION ALL SELECT k.id::text FROM sluice.api_key k"
            + " JOIN sluice.account a ON a.id = k.account WHERE k.id = ANY (?::uuid[])"
            + " AND (k.expires_at IS NULL OR k.expires_at > ?) AND NOT a.disabled";

    private final Database database;
    private final InstantSource clock;

    Revocations(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The same objects; those whom nothing but time can end are never among them. */
    List<Caller> among(Collection<Caller> callers) throws SQLException {
        Set<String> sessions = new HashSet<>();
        Set<String> keys = new HashSet<>();
        for (Caller caller : callers) {
            session(caller).ifPresent(sessions::add);
            key(caller).ifPresent(keys::add);
        }
        if (sessions.isEmpty() && keys.isEmpty()) {
            return List.of();
        }
        Instant now = clock.instant();
        Set<String> alive = new HashSet<>(
                database.call(c -> Sql.list(c, ALIVE, row -> row.getString(1), sessions, now, keys, now)));
        return callers.stream()
                .filter(caller -> session(caller)
                        .or(() -> key(caller))
                        .filter(id -> !alive.contains(id))
                        .isPresent())
                .toList();
    }

    private static Optional<String> session(Caller caller) {
        return SessionCaller.find(caller).map(found -> found.session().toString());
    }

    /** An outside token may have a claim of this name, and no account here. */
    private static Optional<String> key(Caller caller) {
        return caller.claims().get("key") instanceof String key
                        && !caller.subject().contains("|")
                ? Optional.of(key)
                : Optional.empty();
    }
}
