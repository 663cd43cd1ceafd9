package dev.sluice.support;

import dev.sluice.launch.TestPostgres;
import dev.sluice.launch.TestStandby;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fresh, empty database for a test class, on a real PostgreSQL that all tests of the JVM share. Its owner is the role
 * {@code sluice}, without privileges beyond, as in production; {@link #connectAsAdmin} is for what an administrator
 * does. Thread-safe.
 */
public final class TestDatabase implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final TestPostgres server;
    private final String name;

    private TestDatabase(TestPostgres server, String name) {
        this.server = server;
        this.name = name;
    }

    /** A new database on the PostgreSQL that Sluice carries. */
    public static TestDatabase create() {
        return create(Embedded.SERVER, "template1");
    }

    /** A new database on the PostgreSQL of this machine, if it has one: another version than the embedded one. */
    public static Optional<TestDatabase> local() {
        return Local.SERVER.map(server -> create(server, "template1"));
    }

    /** A new database on a PostgreSQL of its own, which may be made to crash. */
    public static TestDatabase alone() {
        return create(TestPostgres.embedded(), "template1");
    }

    /** A new database that starts as a copy of this one; nobody may be connected to this one meanwhile. */
    public TestDatabase copy() {
        return create(server, name);
    }

    public String name() {
        return name;
    }

    public int port() {
        return server.port();
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + name;
    }

    public String user() {
        return server.user();
    }

    public String password() {
        return server.password();
    }

    public String adminUser() {
        return server.adminUser();
    }

    public String adminPassword() {
        return server.adminPassword();
    }

    /** As {@code psql} takes it, for the owner. */
    public String psqlUrl() {
        return "postgresql://" + user() + ":" + password() + "@127.0.0.1:" + server.port() + "/" + name;
    }

    /** As {@code psql} takes it, for the superuser. */
    public String adminPsqlUrl() {
        return "postgresql://" + adminUser() + ":" + adminPassword() + "@127.0.0.1:" + server.port() + "/" + name;
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), user(), password());
    }

    /** As PostgreSQL's superuser. */
    public Connection connectAsAdmin() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), adminUser(), adminPassword());
    }

    /** Runs statements as the owner. */
    public void execute(String... statements) {
        try (Connection connection = connect()) {
            execute(connection, statements);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs statements as the superuser. */
    public void executeAsAdmin(String... statements) {
        try (Connection connection = connectAsAdmin()) {
            execute(connection, statements);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** A standby of the whole server, where this database can be read under the same name. */
    public TestStandby standby() {
        return TestStandby.of(server.port(), server.adminUser(), server.adminPassword());
    }

    /** Ends all connections, and takes no more until told otherwise. */
    public void refuseConnections() {
        administer(server, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
        administer(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
    }

    public void allowConnections() {
        administer(server, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
    }

    /** Drops the database, whoever is connected. */
    @Override
    public void close() {
        administer(server, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }

    private static TestDatabase create(TestPostgres server, String template) {
        String name = "test_" + COUNT.incrementAndGet();
        administer(server, "CREATE DATABASE " + name + " TEMPLATE " + template + " OWNER " + server.user());
        return new TestDatabase(server, name);
    }

    private static void administer(TestPostgres server, String statement) {
        String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres";
        try (Connection connection = DriverManager.getConnection(url, server.adminUser(), server.adminPassword())) {
            execute(connection, statement);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement run = connection.createStatement()) {
            for (String statement : statements) {
                run.execute(statement);
            }
        }
    }

    /** Started when first asked for. */
    private static final class Embedded {
        static final TestPostgres SERVER = TestPostgres.embedded();
    }

    /** Started when first asked for. */
    private static final class Local {
        static final Optional<TestPostgres> SERVER = TestPostgres.installed();
    }
}
