package dev.sluice.auth;

import dev.sluice.db.Database;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The accounts and tokens that everybody knows. They exist while the demo profile is on, which listens on loopback
 * addresses only; a start without it removes them from a database that had them. Thread-safe.
 */
final class DemoProfile {
    /** Name, password's bcrypt hash and role; a low cost keeps the start fast, and the passwords are no secret. */
    private record Person(String name, String passwordHash, String role) {
        String email() {
            return name.toLowerCase(java.util.Locale.ROOT) + "@example.com";
        }

        /** The same on every start, so that what a person owns stays theirs. */
        UUID id() {
            return UUID.nameUUIDFromBytes(email().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static final List<Person> PEOPLE = List.of(
            new Person("Alice", "$2b$04$msiAvKP1zAZscTyb/z5BWuh68GPkFab49sz51ZUMfAQWsW7vFG6zG", "user"),
            new Person("Bob", "$2b$04$vYJo0mo6DEy0z8iF37h.N.UbMiBYRTCuotBQUwvF2j.WNC0baMere", "user"),
            new Person("Admin", "$2b$04$bY5shmS3tzkFQt9tXQOa9ensqUgmt4KH3Rxsnp3CPfCzmEDA5u.ay", "admin"));

    private static final Map<String, Caller> TOKENS = Map.of(
            "secret-user-123", caller("demo-reader", "Demo reader", "user", "read"),
            "secret-admin-123", caller("demo-admin", "Demo admin", "admin", "all"));

    private final Database database;
    private final boolean enabled;
    private final InstantSource clock;

    DemoProfile(Database database, boolean enabled, InstantSource clock) {
        this.database = database;
        this.enabled = enabled;
        this.clock = clock;
    }

    /** Makes the accounts what they should be: as documented, or gone. */
    void synchronise() throws SQLException {
        database.transaction(c -> {
            if (!enabled) {
                return Sql.update(c, "DELETE FROM sluice.account WHERE demo");
            }
            for (Person person : PEOPLE) {
                upsert(c, person);
            }
            return PEOPLE.size();
        });
    }

    Optional<Caller> findCaller(String token) {
        if (!enabled) {
            return Optional.empty();
        }
        return TOKENS.entrySet().stream()
                .filter(entry -> Secrets.same(entry.getKey(), token))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Leaves an account alone that somebody registered under the same address. */
    private void upsert(Connection connection, Person person) throws SQLException {
        String sql = "INSERT INTO sluice.account (id, email, name, password_hash, roles, demo, created_at)"
                + " VALUES (?, ?, ?, ?, ?, true, ?) ON CONFLICT (lower(email)) DO UPDATE SET name = excluded.name,"
                + " password_hash = excluded.password_hash, roles = excluded.roles, disabled = false"
                + " WHERE account.demo";
        List<String> roles = List.of(person.role());
        Sql.update(
                connection,
                sql,
                person.id(),
                person.email(),
                person.name(),
                person.passwordHash(),
                roles,
                clock.instant());
    }

    private static Caller caller(String subject, String name, String role, String scope) {
        Map<String, Object> claims = Map.of("sub", subject, "name", name, "roles", List.of(role), "scope", scope);
        return new Caller(subject, name, Set.of(role), claims);
    }
}
