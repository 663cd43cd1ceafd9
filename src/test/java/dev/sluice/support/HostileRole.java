package dev.sluice.support;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A role that may do all it needs in a database, and whose defaults are as hostile as an administrator can make them. */
public final class HostileRole implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final TestDatabase database;
    private final String name = "hostile_role_" + COUNT.incrementAndGet();

    public HostileRole(TestDatabase database) {
        this.database = database;
        database.execute(
                "CREATE SCHEMA evil",
                "CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''evil'''",
                "CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT ''1990-01-01''::timestamptz'");
        database.executeAsAdmin(
                "CREATE ROLE " + name + " LOGIN PASSWORD 'hostile'",
                "GRANT CREATE ON DATABASE " + database.name() + " TO " + name,
                "GRANT USAGE ON SCHEMA evil TO " + name);
        for (String hostile : List.of(
                "standard_conforming_strings = off",
                "default_transaction_read_only = on",
                "default_transaction_isolation = 'serializable'",
                "default_transaction_deferrable = on",
                "statement_timeout = '1ms'",
                "lock_timeout = '1ms'",
                "idle_in_transaction_session_timeout = '1ms'",
                "idle_session_timeout = '2s'",
                "search_path = 'evil', 'pg_catalog'",
                "transform_null_equals = on",
                "array_nulls = off",
                "row_security = off",
                "synchronous_commit = off",
                "IntervalStyle = 'iso_8601'",
                "DateStyle = 'German, DMY'",
                "TimeZone = 'Asia/Kathmandu'",
                "bytea_output = 'escape'",
                "extra_float_digits = -5",
                "client_encoding = 'SQL_ASCII'")) {
            database.executeAsAdmin("ALTER ROLE " + name + " SET " + hostile);
        }
    }

    public String name() {
        return name;
    }

    public String password() {
        return "hostile";
    }

    @Override
    public void close() {
        database.executeAsAdmin("DROP OWNED BY " + name, "DROP ROLE " + name);
    }
}
