package dev.sluice.db;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/** Brings the schema {@code sluice}, and in the demo profile {@code demo}, to the version of this program. Stateless. */
public final class Migrations {
    private Migrations() {}

    /**
     * Runs what is missing; several nodes may call it at once, one does it.
     *
     * @param database without a time limit: a migration takes what it takes
     * @param schema the schema, with its own history of versions
     * @param folder class path folder of its scripts
     * @throws FlywayException when a script fails or the database has another history
     */
    public static void run(Database database, String schema, String folder) {
        FluentConfiguration flyway = Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(database.source())
                .schemas(schema)
                .defaultSchema(schema)
                .locations("classpath:" + folder)
                .validateMigrationNaming(true);
        flyway.getConfigurationExtension(PostgreSQLConfigurationExtension.class).setTransactionalLock(false);
        flyway.load().migrate();
    }
}
