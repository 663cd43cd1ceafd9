package dev.sluice.auth;

import dev.sluice.db.Database;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The accounts in the state database. Thread-safe. */
final class Accounts {
    private static final String SELECT = "SELECT " + Account.COLUMNS + ", a.password_hash FROM sluice.account a ";
    private static final String LEAST_UUID = "00000000-0000-0000-0000-000000000000";
    /** Makes changes of who is admin wait for each other, so that two admins cannot remove one another. */
    private static final String LOCK_ADMINS = "SELECT pg_advisory_xact_lock(hashtext('sluice.account.admin'))";

    private final Database database;
    private final InstantSource clock;

    Accounts(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** An account with what proves it. */
    record Stored(Account account, String passwordHash) {}

    Optional<Stored> findByEmail(String email) throws SQLException {
        return database.call(c -> Sql.first(c, SELECT + "WHERE lower(a.email) = ?", Accounts::readStored, email));
    }

    Optional<Stored> find(UUID id) throws SQLException {
        return database.call(c -> find(c, id));
    }

    /** An account that a live session has just named. */
    Account get(UUID id) throws SQLException {
        return find(id).map(Stored::account).orElseThrow(Refusal::invalid);
    }

    /** Adds an account, unless there is one with this address. */
    Optional<Account> add(String email, String name, String passwordHash, List<String> roles) throws SQLException {
        return database.transaction(c -> {
            UUID id = UUID.randomUUID();
            String sql = "INSERT INTO sluice.account (id, email, name, password_hash, roles, created_at)"
                    + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
            Sql.update(c, sql, id, email, name, passwordHash, roles, clock.instant());
            return find(c, id).map(Stored::account);
        });
    }

    /** Makes an existing account an enabled admin with this password; its sessions end. */
    Optional<Account> promote(String email, String passwordHash) throws SQLException {
        return database.transaction(c -> {
            String sql = "UPDATE sluice.account a SET password_hash = ?, disabled = false, demo = false, roles ="
                    + " array_remove(roles, 'admin') || '{admin}' WHERE lower(email) = ? RETURNING " + Account.COLUMNS;
            Optional<Account> account = Sql.first(c, sql, Account::read, passwordHash, email);
            if (account.isPresent()) {
                Sessions.revokeAll(c, account.get().id(), null, clock.instant());
            }
            return account;
        });
    }

    /** A page of accounts in the order of their ids. */
    List<Account> list(@Nullable UUID after, int limit) throws SQLException {
        UUID start = after == null ? UUID.fromString(LEAST_UUID) : after;
        return database.call(
                c -> Sql.list(c, SELECT + "WHERE a.id > ? ORDER BY a.id LIMIT ?", Account::read, start, limit));
    }

    /**
     * Changes roles, or whether the account is disabled, or both.
     *
     * @throws ProblemException when no enabled admin would be left
     */
    Optional<Account> change(UUID id, @Nullable List<String> roles, @Nullable Boolean disabled) throws SQLException {
        return database.transaction(c -> {
            Sql.list(c, LOCK_ADMINS, row -> "");
            String sql = "UPDATE sluice.account a SET roles = coalesce(?::text[], roles),"
                    + " disabled = coalesce(?::boolean, disabled) WHERE id = ? RETURNING " + Account.COLUMNS;
            Optional<Account> account = Sql.first(c, sql, Account::read, roles, disabled, id);
            if (account.isPresent()) {
                requireAnAdmin(c);
                endSessionsOfDisabled(c, account.get());
            }
            return account;
        });
    }

    /** Sets another password and ends all sessions but one. */
    void changePassword(UUID id, String passwordHash, UUID keptSession) throws SQLException {
        database.transaction(c -> {
            Sql.update(c, "UPDATE sluice.account SET password_hash = ? WHERE id = ?", passwordHash, id);
            return Sessions.revokeAll(c, id, keptSession, clock.instant());
        });
    }

    private void endSessionsOfDisabled(Connection connection, Account account) throws SQLException {
        if (account.disabled()) {
            Sessions.revokeAll(connection, account.id(), null, clock.instant());
        }
    }

    private static void requireAnAdmin(Connection connection) throws SQLException {
        String sql = "SELECT 1 FROM sluice.account WHERE 'admin' = ANY (roles) AND NOT disabled LIMIT 1";
        if (Sql.list(connection, sql, row -> "").isEmpty()) {
            throw new ProblemException(ErrorCode.LAST_ADMIN, "Make somebody else admin first.");
        }
    }

    private static Optional<Stored> find(Connection connection, UUID id) throws SQLException {
        return Sql.first(connection, SELECT + "WHERE a.id = ?", Accounts::readStored, id);
    }

    private static Stored readStored(java.sql.ResultSet row) throws SQLException {
        return new Stored(Account.read(row), row.getString("password_hash"));
    }
}
