package dev.sluice.launch;

import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * The database of Sluice's own state: the embedded one, locked to this process, or one that the settings name. Closed
 * once, last of all.
 */
final class StateDatabase implements AutoCloseable {
    private final FolderLock lock;
    private final EmbeddedDatabase embedded;

    private StateDatabase(FolderLock lock, EmbeddedDatabase embedded) {
        this.lock = lock;
        this.embedded = embedded;
    }

    /**
     * Starts the embedded database; nothing where the settings name one.
     *
     * @throws StartFailure when it does not start, or another Sluice runs it
     */
    static Optional<StateDatabase> start(Settings settings, DataFolder data) {
        if (settings.state().url().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(tryStart(data)
                .orElseThrow(() -> new StartFailure("The data folder " + data.path()
                        + " is in use by another Sluice; choose another one with --data")));
    }

    /** Starts the embedded database; nothing when another Sluice runs it. */
    static Optional<StateDatabase> tryStart(DataFolder data) {
        try {
            Optional<FolderLock> lock = FolderLock.tryLock(data.resolve("sluice.lock"));
            return lock.isEmpty() ? Optional.empty() : Optional.of(start(data, lock.get()));
        } catch (IOException e) {
            throw new StartFailure("The data folder " + data.path() + " cannot be used: " + e, e);
        }
    }

    /** How the web application reaches it, as context parameters. */
    Map<String, String> parameters() {
        return parameters(embedded.owner());
    }

    static Map<String, String> parameters(DatabaseAddress address) {
        return Map.of(
                "sluice.database-url",
                address.jdbcUrl(),
                "sluice.database-user",
                address.user(),
                "sluice.database-password",
                address.password(),
                SettingsSources.EMBEDDED_DATABASE,
                "true");
    }

    @Override
    public void close() {
        embedded.close();
        lock.close();
    }

    private static StateDatabase start(DataFolder data, FolderLock lock) throws IOException {
        boolean started = false;
        try {
            PostgresBinaries binaries =
                    PostgresBinaries.unpack(StateDatabase.class.getClassLoader(), data.resolve("postgres-bin"));
            StateDatabase database = new StateDatabase(lock, EmbeddedDatabase.start(data.path(), binaries, true));
            started = true;
            return database;
        } finally {
            if (!started) {
                lock.close();
            }
        }
    }
}
