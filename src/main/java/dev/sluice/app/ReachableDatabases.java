package dev.sluice.app;

import dev.sluice.db.Database;
import dev.sluice.settings.DatabaseSettings;
import dev.sluice.settings.Settings;
import java.sql.SQLException;

/** Refuses to start without the databases that the settings name. Stateless. */
final class ReachableDatabases {
    private ReachableDatabases() {}

    /** @throws StartException that names the database and the setting */
    static void require(Settings settings) {
        requireState(settings.state());
        if (settings.exported().url().isPresent()) {
            require("export database", "export.database-url", settings.exported());
        }
    }

    static void requireState(DatabaseSettings state) {
        if (state.url().isEmpty()) {
            throw new StartException(
                    "No database is set: give the address of a PostgreSQL as context parameter sluice.database-url"
                            + " or in SLUICE_DATABASE_URL",
                    null);
        }
        require("state database", "database-url", state);
    }

    private static void require(String which, String setting, DatabaseSettings database) {
        try {
            Database.requireReachable(database);
        } catch (SQLException e) {
            throw new StartException(
                    "The " + which + " at " + Database.address(database) + " (" + setting + ") cannot be reached: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }
}
