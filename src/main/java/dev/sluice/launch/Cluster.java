package dev.sluice.launch;

import dev.sluice.launch.Command.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A PostgreSQL data folder: made once, complete or not at all; its settings file is written before each start. Used by
 * one thread.
 */
final class Cluster {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final PostgresBinaries binaries;
    private final Privileges privileges;
    private final Path folder;
    private final boolean durable;

    /**
     * @param durable whether a committed row survives a crash of the machine; tests do without
     */
    Cluster(PostgresBinaries binaries, Privileges privileges, Path folder, boolean durable) {
        this.binaries = binaries;
        this.privileges = privileges;
        this.folder = folder;
        this.durable = durable;
    }

    /** Whether the folder is there; complains when it is not one of this PostgreSQL's. */
    boolean exists() throws IOException {
        if (!Files.exists(folder)) {
            return false;
        }
        Path version = folder.resolve("PG_VERSION");
        if (!Files.exists(version)) {
            throw new StartFailure(folder + " is there, but is no PostgreSQL data folder: move it away, or choose"
                    + " another one with --data");
        }
        String major = Files.readString(version).strip();
        if (!major.equals(Integer.toString(binaries.major()))) {
            throw new StartFailure(folder + " holds data of PostgreSQL " + major + ", and this Sluice runs PostgreSQL "
                    + binaries.major()
                    + ": move the data over with pg_upgrade or pg_dump, or choose another folder with"
                    + " --data");
        }
        return true;
    }

    /** Makes the cluster, with a role and a database that is the role's. */
    void create(DatabaseAddress admin, DatabaseAddress owner) throws IOException {
        Path building = folder.resolveSibling(folder.getFileName() + ".new");
        PostgresBinaries.delete(building);
        Files.createDirectory(building);
        privileges.giveTo(building);
        initialise(building, admin);
        adjust(building, createStatements(owner));
        Files.move(building, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Gives the roles new passwords: the file that held them is lost. */
    void setPasswords(DatabaseAddress admin, DatabaseAddress owner) {
        adjust(folder, List.of(password(admin), password(owner)));
    }

    /** Writes the settings that Sluice decides; what stands below the include in postgresql.conf wins over them. */
    void configure() throws IOException {
        Path file = folder.resolve("sluice.conf");
        DatabaseAddress.writePrivately(file, settings());
        privileges.giveTo(file);
    }

    private void initialise(Path building, DatabaseAddress admin) throws IOException {
        Path passwordFile = folder.resolveSibling(".initdb-password");
        DatabaseAddress.writePrivately(passwordFile, admin.password() + "\n");
        privileges.giveTo(passwordFile);
        try {
            Result result = privileges.run(initdb(building, admin.user(), passwordFile), "", LIMIT);
            if (!result.succeeded()) {
                throw new StartFailure(
                        "The data folder " + folder + " cannot be made: initdb says " + result.lastLine());
            }
        } finally {
            Files.delete(passwordFile);
        }
        Files.writeString(
                building.resolve("postgresql.conf"),
                "\n# Written by Sluice at each start. Settings of yours go below this line.\n"
                        + "include_if_exists = 'sluice.conf'\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.APPEND);
    }

    private List<String> initdb(Path building, String user, Path passwordFile) {
        List<String> command = new ArrayList<>(List.of(
                binaries.program("initdb"),
                "--pgdata=" + building.toAbsolutePath(),
                "--username=" + user,
                "--pwfile=" + passwordFile.toAbsolutePath(),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--data-checksums"));
        if (binaries.major() >= 17) {
            command.add("--locale-provider=builtin");
            command.add("--builtin-locale=C.UTF-8");
        }
        if (!durable) {
            command.add("--no-sync");
        }
        return command;
    }

    private static List<String> createStatements(DatabaseAddress owner) {
        return List.of(
                "CREATE ROLE " + owner.user() + " LOGIN",
                password(owner),
                "CREATE DATABASE " + owner.database() + " OWNER " + owner.user());
    }

    private static String password(DatabaseAddress address) {
        return "ALTER ROLE " + address.user() + " PASSWORD '" + address.password() + "'";
    }

    /** Runs statements while no server runs, in PostgreSQL's single-user mode. */
    private void adjust(Path data, List<String> statements) {
        List<String> command = List.of(
                binaries.program("postgres"),
                "--single",
                "-j",
                "-D",
                data.toAbsolutePath().toString(),
                "postgres");
        Result result = privileges.run(command, String.join(";\n\n", statements) + ";\n\n", LIMIT);
        if (!result.succeeded() || result.output().contains("ERROR:")) {
            throw new StartFailure("The data folder " + folder + " cannot be set up: PostgreSQL says "
                    + result.output()
                            .lines()
                            .filter(line -> line.contains("ERROR:") || line.contains("FATAL:"))
                            .findFirst()
                            .orElse(result.lastLine()));
        }
    }

    private String settings() {
        String safe = durable ? "on" : "off";
        return """
                # Written by Sluice at each start; changes here are lost. Put yours at the end of postgresql.conf.
                fsync = %s
                synchronous_commit = %s
                full_page_writes = %s
                max_connections = 100
                shared_buffers = 128MB
                wal_compression = on
                max_wal_size = 1GB
                jit = off
                logging_collector = off
                log_destination = stderr
                log_line_prefix = '%%m [%%p] '
                timezone = 'UTC'
                # The role is called like Sluice's own schema: without this, a table made with psql would land in there.
                search_path = 'public'
                """.formatted(safe, safe, safe);
    }
}
