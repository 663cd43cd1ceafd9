package dev.sluice.app;

import dev.sluice.auth.Auth;
import dev.sluice.db.Database;
import dev.sluice.db.Migrations;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.RequestBodies;
import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The command {@code create-admin}; the launcher calls it by reflection. Stateless. */
public final class CreateAdmin {
    private CreateAdmin() {}

    /**
     * Makes an admin in the state database, whether or not a server runs on it.
     *
     * @param contextParameters the settings, as the web application gets them
     * @throws dev.sluice.settings.InvalidSettings naming everything that is wrong
     * @throws dev.sluice.http.ProblemException when address or password cannot be
     * @throws StartException when the database cannot be reached
     * @throws SQLException when the database fails
     */
    public static void run(Map<String, String> contextParameters, String email, char[] password) throws SQLException {
        Settings settings = Settings.read(SettingsSources.ofLauncher(contextParameters, System.getenv()));
        ReachableDatabases.requireState(settings.state());
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        try (Database database = Database.open("state", settings.state(), Duration.ofSeconds(10), metrics)) {
            Migrations.run(Database.unpooled("start", settings.state()), "sluice", "db/migration");
            ClientAddress addresses = new ClientAddress(List.of());
            RequestBodies none = new RequestBodies(0, Duration.ZERO, Clock.systemUTC());
            try (Auth auth = new Auth(
                    database,
                    settings.auth(),
                    settings.demo(),
                    addresses,
                    List.of(),
                    none,
                    Clock.systemUTC(),
                    Clock.systemUTC(),
                    metrics)) {
                auth.createAdmin(email, password);
            }
        }
    }
}
