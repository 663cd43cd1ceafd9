package dev.sluice.launch;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A hot standby that follows a PostgreSQL of the embedded version on this machine. It is made of a base backup by the
 * low-level interface (PostgreSQL manual, 25.3.4): {@code pg_basebackup} is not among the embedded programs. Started
 * once, closed once.
 */
public final class TestStandby implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** Of the primary alone, or streamed to the standby. */
    private static final Set<String> LEFT_OUT = Set.of("postmaster.pid", "postmaster.opts", "pg_wal", "pg_replslot");

    private final Path folder;
    private final Process process;
    private final int port;

    private TestStandby(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    /** Copies the primary, and follows it from then on; returns when it takes connections. */
    public static TestStandby of(int primaryPort, String adminUser, String adminPassword) {
        String url = "jdbc:postgresql://127.0.0.1:" + primaryPort + "/postgres";
        try (Connection primary = DriverManager.getConnection(url, adminUser, adminPassword)) {
            Path folder = Files.createTempDirectory("sluice-standby");
            Path data = makeFolder(folder.resolve("postgres"));
            copy(primary, data);
            Files.createFile(data.resolve("standby.signal"));
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=127.0.0.1 port=" + primaryPort + " user=" + adminUser + " password="
                            + adminPassword + "'\n",
                    StandardOpenOption.APPEND);
            TestStandby standby = start(folder, data, PostgresServer.freePort(0));
            standby.awaitConnections();
            return standby;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        Postmaster.signal(process.pid(), "INT");
        try {
            process.waitFor();
            PostgresBinaries.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Connection primary, Path data) throws SQLException, IOException {
        Path source = Path.of(ask(primary, "SHOW data_directory"));
        ask(primary, "SELECT pg_backup_start('standby', true)");
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file :
                    files.filter(file -> !isLeftOut(source.relativize(file))).toList()) {
                copy(file, data.resolve(source.relativize(file)));
            }
        }
        makeFolder(data.resolve("pg_wal"));
        makeFolder(data.resolve("pg_replslot"));
        Files.writeString(data.resolve("backup_label"), ask(primary, "SELECT labelfile FROM pg_backup_stop(false)"));
    }

    private static boolean isLeftOut(Path file) {
        return LEFT_OUT.contains(file.getName(0).toString())
                || file.getFileName().toString().isEmpty();
    }

    private static void copy(Path file, Path copy) throws IOException {
        try {
            if (Files.isDirectory(file)) {
                makeFolder(copy);
            } else {
                Files.copy(file, copy);
            }
        } catch (NoSuchFileException e) {
            // Gone meanwhile: the log that is replayed knows of it.
        }
    }

    private static Path makeFolder(Path folder) throws IOException {
        return Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static String ask(Connection primary, String question) throws SQLException {
        try (ResultSet answer = primary.createStatement().executeQuery(question)) {
            answer.next();
            return answer.getString(1);
        }
    }

    private static TestStandby start(Path folder, Path data, int port) throws IOException {
        Privileges privileges = Privileges.forData(data);
        privileges.giveTo(data);
        privileges.letThrough(folder);
        List<String> command = List.of(
                TestPostgres.binaries()
                        .bin()
                        .resolve("postgres")
                        .toAbsolutePath()
                        .toString(),
                "-D",
                data.toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=");
        Process process = Command.builder(privileges.wrap(command))
                .redirectOutput(folder.resolve("postgres.log").toFile())
                .start();
        return new TestStandby(folder, process, port);
    }

    private void awaitConnections() throws IOException {
        Path log = folder.resolve("postgres.log");
        try {
            await().atMost(LIMIT)
                    .until(() -> !process.isAlive() || Files.readString(log).contains("read-only connections"));
        } catch (ConditionTimeoutException e) {
            process.destroyForcibly();
            throw new AssertionError(Files.readString(log), e);
        }
        if (!process.isAlive()) {
            throw new AssertionError(Files.readString(log));
        }
    }
}
