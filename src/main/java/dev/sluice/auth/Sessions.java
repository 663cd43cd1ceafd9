package dev.sluice.auth;

import dev.sluice.db.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sign-ins in the state database, one for each device. Thread-safe.
 *
 * <p>Every request with an access token asks {@link #findAccount} by primary key: a revoked session or a disabled
 * account is refused at once on every node, and changed roles hold at once. A cache would save a fraction of a
 * millisecond and answer wrongly for as long as it keeps.
 */
final class Sessions {
    /** Sessions of one account; the oldest gives way. */
    static final int MOST = 100;

    private final Database database;
    private final InstantSource clock;
    private final Duration lifetime;

    Sessions(Database database, Duration lifetime, InstantSource clock) {
        this.database = database;
        this.lifetime = lifetime;
        this.clock = clock;
    }

    /** Where a sign-in comes from. */
    record Device(String address, String userAgent) {}

    /** A session and its newest refresh token. */
    record Started(UUID id, String refreshToken) {}

    /** A session as its owner sees it. */
    record Session(
            UUID id, Instant createdAt, Instant lastUsedAt, Instant expiresAt, String address, String userAgent) {
        static Session read(ResultSet row) throws SQLException {
            return new Session(
                    row.getObject("id", UUID.class),
                    Sql.instant(row, "created_at"),
                    Sql.instant(row, "last_used_at"),
                    Sql.instant(row, "expires_at"),
                    row.getString("address"),
                    row.getString("user_agent"));
        }

        Map<String, Object> toJson(UUID current) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("id", id);
            json.put("createdAt", createdAt.toString());
            json.put("lastUsedAt", lastUsedAt.toString());
            json.put("expiresAt", expiresAt.toString());
            json.put("address", address);
            json.put("userAgent", userAgent);
            json.put("current", id.equals(current));
            return json;
        }
    }

    Started start(Account account, Device device) throws SQLException {
        return database.transaction(c -> {
            Started started = new Started(UUID.randomUUID(), Secrets.newText());
            insert(c, started.id(), account, device);
            RefreshTokens.insert(c, started.refreshToken(), started.id(), clock.instant());
            revokeBeyondMost(c, account.id());
            return started;
        });
    }

    /** The account of a session that is alive, as it is now. */
    Optional<Account> findAccount(UUID id) throws SQLException {
        return Optional.ofNullable(findAccounts(List.of(id)).get(id));
    }

    /** The same for several. */
    Map<UUID, Account> findAccounts(Collection<UUID> ids) throws SQLException {
        String sql = "SELECT s.id, " + Account.COLUMNS + " FROM sluice.session s"
                + " JOIN sluice.account a ON a.id = s.account"
                + " WHERE s.id = ANY (?::uuid[]) AND s.revoked_at IS NULL AND s.expires_at > ? AND NOT a.disabled";
        Map<UUID, Account> found = new HashMap<>();
        database.call(c -> Sql.list(
                c, sql, row -> found.put(row.getObject("id", UUID.class), Account.read(row)), ids, clock.instant()));
        return found;
    }

    List<Session> list(UUID account) throws SQLException {
        String sql = "SELECT * FROM sluice.session WHERE account = ? AND revoked_at IS NULL AND expires_at > ?"
                + " ORDER BY created_at DESC LIMIT " + MOST;
        return database.call(c -> Sql.list(c, sql, Session::read, account, clock.instant()));
    }

    /** Ends one session of an account; answers whether there was one. */
    boolean revoke(UUID account, UUID id) throws SQLException {
        String sql = "UPDATE sluice.session SET revoked_at = ? WHERE id = ? AND account = ? AND revoked_at IS NULL";
        return database.call(c -> Sql.update(c, sql, clock.instant(), id, account)) > 0;
    }

    void revokeOthers(UUID account, UUID kept) throws SQLException {
        database.call(c -> revokeAll(c, account, kept, clock.instant()));
    }

    /** Ends all sessions of an account, but for one where one is given. */
    static int revokeAll(Connection connection, UUID account, @Nullable UUID kept, Instant now) throws SQLException {
        String sql = "UPDATE sluice.session SET revoked_at = ?"
                + " WHERE account = ? AND id IS DISTINCT FROM ?::uuid AND revoked_at IS NULL";
        return Sql.update(connection, sql, now, account, kept);
    }

    static void revoke(Connection connection, UUID id, Instant now) throws SQLException {
        Sql.update(connection, "UPDATE sluice.session SET revoked_at = ? WHERE id = ?", now, id);
    }

    private void insert(Connection connection, UUID id, Account account, Device device) throws SQLException {
        Instant now = clock.instant();
        String sql = "INSERT INTO sluice.session (id, account, rotation_key, created_at, last_used_at, expires_at,"
                + " address, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        Sql.update(
                connection,
                sql,
                id,
                account.id(),
                Secrets.random(32),
                now,
                now,
                now.plus(lifetime),
                device.address(),
                device.userAgent());
    }

    private void revokeBeyondMost(Connection connection, UUID account) throws SQLException {
        String sql = "UPDATE sluice.session SET revoked_at = ? WHERE id IN (SELECT id FROM sluice.session"
                + " WHERE account = ? AND revoked_at IS NULL ORDER BY created_at DESC, id OFFSET " + MOST + ")";
        Sql.update(connection, sql, clock.instant(), account);
    }
}
