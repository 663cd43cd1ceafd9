package dev.sluice.launch;

import dev.sluice.settings.InvalidSettings;
import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A running Sluice: Tomcat with the web application, and the embedded PostgreSQL unless another database is given.
 * Loaded from the unpacked WAR by {@link Main}. {@link #start} returns when requests are answered, {@link #get} gives
 * its address, {@link #close} drains and stops, also while it starts. Thread-safe.
 */
public final class Launcher implements Supplier<String>, AutoCloseable {
    private final Map<String, String> parameters;
    private final ContainerLog log;
    private final Container container;
    private final CompletableFuture<Optional<StateDatabase>> database;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Launcher(Path root, Map<String, String> parameters) {
        Settings settings = Settings.read(SettingsSources.ofLauncher(parameters, Map.of()));
        DataFolder data = DataFolder.prepare(settings.server().data());
        Container.requireFreePort(settings.server());
        this.parameters = Map.copyOf(parameters);
        database = CompletableFuture.supplyAsync(
                () -> StateDatabase.start(settings, data), task -> new Thread(task, "sluice-postgres-start").start());
        log = ContainerLog.install();
        container = new Container(settings, log, root, data.resolve("work"));
    }

    /**
     * Runs a command of the command line to its end.
     *
     * @param root the unpacked WAR
     * @param command {@code run}, or {@code create-admin} and an e-mail address
     * @param parameters the settings, as context parameters
     * @return the exit code
     */
    public static int execute(Path root, List<String> command, Map<String, String> parameters) {
        try {
            if (command.get(0).equals("create-admin")) {
                CreateAdminCommand.run(root, command.get(1), parameters);
            } else {
                run(root, parameters);
            }
            return 0;
        } catch (InvalidSettings e) {
            e.errors().forEach(System.err::println);
        } catch (StartFailure e) {
            System.err.println(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 1;
    }

    /**
     * Starts Sluice.
     *
     * @throws RuntimeException whose message is the line for the user, when it cannot
     */
    public static Launcher start(Path root, Map<String, String> parameters) {
        Launcher launcher = new Launcher(root, parameters);
        launcher.start();
        return launcher;
    }

    /** The address on which it answers. */
    @Override
    public String get() {
        return container.url();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            container.drain();
            stop();
        }
    }

    private static void run(Path root, Map<String, String> parameters) throws InterruptedException {
        Launcher launcher = new Launcher(root, parameters);
        Runtime.getRuntime().addShutdownHook(new Thread(launcher::shutDown, "sluice-shutdown"));
        launcher.start();
        System.out.println("Sluice is ready at " + launcher.get());
        System.out.flush();
        new CountDownLatch(1).await();
    }

    private void start() {
        try {
            container.bind();
            Map<String, String> all = new HashMap<>(parameters);
            database.join().ifPresent(started -> all.putAll(started.parameters()));
            container.start(all);
            log.speak();
        } catch (CompletionException e) {
            stopOnce();
            throw e.getCause() instanceof StartFailure failure ? failure : e;
        } catch (RuntimeException | Error e) {
            stopOnce();
            throw e;
        }
    }

    private void stopOnce() {
        if (closed.compareAndSet(false, true)) {
            stop();
        }
    }

    private void stop() {
        log.hush();
        try {
            container.stop();
        } finally {
            if (!database.isCompletedExceptionally()) {
                database.exceptionally(failed -> Optional.empty()).join().ifPresent(StateDatabase::close);
            }
        }
    }

    /** An end by signal is an orderly end: its exit code is 0, and not the JVM's 143. A failed start keeps its own. */
    private void shutDown() {
        if (closed.compareAndSet(false, true)) {
            container.drain();
            stop();
            Runtime.getRuntime().halt(0);
        }
    }
}
