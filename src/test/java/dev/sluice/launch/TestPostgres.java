package dev.sluice.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A throw-away PostgreSQL for tests, run by the same classes as the embedded one, with durability off. Stopped and
 * removed at the end of the JVM. Thread-safe.
 */
public final class TestPostgres {
    private final EmbeddedDatabase database;

    private TestPostgres(PostgresBinaries binaries) {
        try {
            Path folder = Files.createTempDirectory("sluice-test-pg");
            database = EmbeddedDatabase.start(folder, binaries, false);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(folder)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The PostgreSQL that Sluice carries. */
    public static TestPostgres embedded() {
        try {
            return new TestPostgres(binaries());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The newest PostgreSQL that Debian or Ubuntu installed, 14 or later, if there is one. */
    public static Optional<TestPostgres> installed() {
        Path all = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(all)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(all)) {
            return versions.filter(home -> home.getFileName().toString().matches("1[4-9]|[2-9]\\d"))
                    .filter(home -> Files.isExecutable(home.resolve("bin/postgres")))
                    .max(Comparator.comparing(home -> home.getFileName().toString()))
                    .map(home -> new TestPostgres(new PostgresBinaries(
                            home.resolve("bin"),
                            Integer.parseInt(home.getFileName().toString()))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Unpacked once for all test runs, beside the other build products. */
    static PostgresBinaries binaries() throws IOException {
        return PostgresBinaries.unpack(TestPostgres.class.getClassLoader(), Path.of("target", "postgres-bin"));
    }

    public int port() {
        return database.owner().port();
    }

    /** The role that owns databases, without any privilege beyond. */
    public String user() {
        return database.owner().user();
    }

    public String password() {
        return database.owner().password();
    }

    public String adminUser() {
        return database.admin().user();
    }

    public String adminPassword() {
        return database.admin().password();
    }

    private void stop(Path folder) {
        database.close();
        try {
            PostgresBinaries.delete(folder);
        } catch (IOException e) {
            // The system's temporary folder is cleaned by the system.
        }
    }
}
