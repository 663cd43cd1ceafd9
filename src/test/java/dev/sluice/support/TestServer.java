package dev.sluice.support;

import dev.sluice.launch.TestLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A whole Sluice in this JVM, on a free port, with a data folder of its own: {@code
 * TestServer.with(database).set("export.concurrency", "2").start()}. The web application runs from the exploded WAR, in
 * its own class loader; tests talk to it over HTTP. Thread-safe.
 */
public final class TestServer implements AutoCloseable {
    private final AutoCloseable launcher;
    private final Path data;

    private TestServer(AutoCloseable launcher, Path data) {
        this.launcher = launcher;
        this.data = data;
    }

    /** A server whose state and exports are in this database; the demo is off. */
    public static Builder with(TestDatabase database) {
        return new Builder()
                .set("database-url", database.jdbcUrl())
                .set("database-user", database.user())
                .set("database-password", database.password());
    }

    /** A server as above with the demo profile on, of few rows. */
    public static Builder demo(TestDatabase database) {
        return with(database).set("embedded-database", "true").set("demo-rows", "1000");
    }

    /** With a slash at its end. */
    @SuppressWarnings("unchecked")
    public String url() {
        return ((Supplier<String>) launcher).get();
    }

    /** The address of a path that begins with a slash. */
    public String url(String path) {
        return url() + path.substring(1);
    }

    public Path data() {
        return data;
    }

    @Override
    public void close() {
        try {
            launcher.close();
            TestLauncher.delete(data);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Collects settings; used by one thread. */
    public static final class Builder {
        private final Map<String, String> settings = new HashMap<>(Map.of("sluice.port", "0"));

        private Builder() {}

        /** A setting by its dotted name, without {@code sluice.} in front. */
        public Builder set(String name, String value) {
            settings.put("sluice." + name, value);
            return this;
        }

        /**
         * Starts the server.
         *
         * @throws AssertionError with the launcher's line, when it does not start
         */
        public TestServer start() {
            try {
                Path data = Files.createTempDirectory("sluice-test-server");
                settings.putIfAbsent("sluice.data", data.toString());
                return new TestServer(TestLauncher.start(settings), data);
            } catch (IOException e) {
                throw new AssertionError(e);
            } catch (Exception e) {
                throw new AssertionError(e.getMessage(), e);
            }
        }
    }
}
