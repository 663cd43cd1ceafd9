package dev.sluice.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * The launcher as {@code java -jar} runs it, in this JVM: loaded from the exploded WAR by a class loader of its own, so
 * that the web application sees nothing of the test's class path. Stateless.
 */
public final class TestLauncher {
    private TestLauncher() {}

    /**
     * Starts Sluice from the exploded WAR of this build.
     *
     * @param settings context parameters
     * @return the launcher: a {@code Supplier<String>} of its address
     */
    public static AutoCloseable start(Map<String, String> settings) throws Exception {
        return start(Loaded.ROOT, settings);
    }

    /** Starts Sluice's launcher with another web application than Sluice's. */
    static AutoCloseable start(Path root, Map<String, String> settings) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(Loaded.LOADER);
        try {
            return (AutoCloseable) Loaded.LOADER
                    .loadClass(Launcher.class.getName())
                    .getMethod("start", Path.class, Map.class)
                    .invoke(null, root, settings);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Stops the PostgreSQL that a killed Sluice left on its data folder. */
    public static void stopOrphan(Path data) throws IOException, InterruptedException {
        Postmaster.clear(data.resolve("postgres"), Duration.ofSeconds(10));
    }

    public static void delete(Path folder) throws IOException {
        PostgresBinaries.delete(folder);
    }

    /** Loaded once for all servers of the JVM. */
    private static final class Loaded {
        static final Path ROOT =
                Path.of(System.getProperty("sluice.exploded", "target/sluice")).toAbsolutePath();
        static final ClassLoader LOADER = loader();

        private static ClassLoader loader() {
            try {
                return WebArchive.loader(ROOT);
            } catch (IOException e) {
                throw new UncheckedIOException("There is no exploded WAR; mvn -DskipTests package makes it", e);
            }
        }
    }
}
