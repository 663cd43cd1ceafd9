package dev.sluice.launch;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Sluice's own PostgreSQL: durable, on 127.0.0.1 alone, in a data folder that one Sluice uses at a time. Started once,
 * started again when it dies, stopped by {@link #close}. Thread-safe.
 */
final class EmbeddedDatabase implements AutoCloseable {
    private static final Logger LOG = System.getLogger(EmbeddedDatabase.class.getName());
    private static final int RESTARTS = 5;
    private static final long LOG_LIMIT = 8L << 20;

    private final PostgresServer server;
    private final DatabaseAddress owner;
    private final DatabaseAddress admin;

    private Process process;
    private boolean closed;

    private EmbeddedDatabase(PostgresServer server, DatabaseAddress owner, DatabaseAddress admin, Process process) {
        this.server = server;
        this.owner = owner;
        this.admin = admin;
        this.process = process;
    }

    /**
     * Starts the database in {@code <folder>/postgres}, making it when there is none. The caller holds the folder's
     * lock.
     *
     * @param durable off in tests alone: a committed row may then be lost when the machine fails
     * @throws StartFailure when it cannot
     */
    static EmbeddedDatabase start(Path folder, PostgresBinaries binaries, boolean durable) {
        return start(folder, binaries, Privileges.forData(folder.resolve("postgres")), durable);
    }

    static EmbeddedDatabase start(Path folder, PostgresBinaries binaries, Privileges privileges, boolean durable) {
        Path data = folder.toAbsolutePath().resolve("postgres");
        try {
            return start(folder, data, binaries, privileges, durable);
        } catch (IOException e) {
            throw new StartFailure("The data folder " + folder + " cannot be used: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartFailure("Interrupted while PostgreSQL started", e);
        }
    }

    /** Where the web application reaches it, as the owner of its database. */
    DatabaseAddress owner() {
        return owner;
    }

    /** Where it is administered, as PostgreSQL's superuser. */
    DatabaseAddress admin() {
        return admin;
    }

    synchronized long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        server.stop(forget());
    }

    /** From now on does not start it again when it ends. */
    synchronized Process forget() {
        closed = true;
        return process;
    }

    private static EmbeddedDatabase start(
            Path folder, Path data, PostgresBinaries binaries, Privileges privileges, boolean durable)
            throws IOException, InterruptedException {
        privileges.letThrough(folder.toAbsolutePath());
        Cluster cluster = new Cluster(binaries, privileges, data, durable);
        Path ownerFile = folder.resolve("postgres.url");
        Path adminFile = folder.resolve("postgres-admin.url");
        DatabaseAddress owner = addressOf(ownerFile, "sluice", "sluice");
        DatabaseAddress admin = addressOf(adminFile, "postgres", "sluice");
        boolean known = Files.exists(ownerFile) && Files.exists(adminFile);
        if (!cluster.exists()) {
            cluster.create(admin, owner);
        } else {
            privileges.giveTo(data);
            Postmaster.clear(data, java.time.Duration.ofSeconds(30));
            if (!known) {
                cluster.setPasswords(admin, owner);
            }
        }
        cluster.configure();
        PostgresServer server = new PostgresServer(
                binaries, privileges, data, new BoundedLog(folder.resolve("postgres.log"), LOG_LIMIT));
        int port = PostgresServer.freePort(owner.port());
        owner = owner.at(port);
        admin = admin.at(port);
        owner.write(ownerFile);
        admin.write(adminFile);
        EmbeddedDatabase database = new EmbeddedDatabase(server, owner, admin, server.start(port));
        database.watch();
        return database;
    }

    private static DatabaseAddress addressOf(Path file, String user, String database) throws IOException {
        return DatabaseAddress.read(file)
                .orElseGet(() -> new DatabaseAddress(user, DatabaseAddress.newPassword(), 0, database));
    }

    private void watch() {
        Thread thread = new Thread(this::keepRunning, "sluice-postgres-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void keepRunning() {
        try {
            for (int restarts = 0; restarts <= RESTARTS; restarts++) {
                long started = System.nanoTime();
                current().waitFor();
                if (TimeUnit.NANOSECONDS.toMinutes(System.nanoTime() - started) >= 10) {
                    restarts = 0;
                }
                if (!restart()) {
                    return;
                }
            }
            LOG.log(Level.ERROR, "PostgreSQL ended too often and is not started again; its log is postgres.log");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | StartFailure e) {
            LOG.log(Level.ERROR, "PostgreSQL ended and cannot be started again: " + e.getMessage());
        }
    }

    private synchronized Process current() {
        return process;
    }

    /** Under the lock, so that closing waits for a start under way; false when there is nothing more to start. */
    private synchronized boolean restart() throws IOException, InterruptedException {
        if (closed) {
            return false;
        }
        LOG.log(Level.WARNING, "PostgreSQL ended with code " + process.exitValue() + "; starting it again");
        process = server.start(owner.port());
        return true;
    }
}
