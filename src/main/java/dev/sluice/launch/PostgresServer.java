package dev.sluice.launch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run of the PostgreSQL server on a data folder: started until it takes connections, stopped fast. Its methods are
 * called by one thread at a time.
 */
final class PostgresServer {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    /** How long what a killed server left may stand in the way: its processes end within moments. */
    private static final Duration LEFTOVER_LIMIT = Duration.ofSeconds(30);
    /** A crash recovery replays at most some checkpoints' worth of log. */
    private static final Duration RECOVERY_LIMIT = Duration.ofMinutes(10);

    private final PostgresBinaries binaries;
    private final Privileges privileges;
    private final Path data;
    private final BoundedLog log;

    PostgresServer(PostgresBinaries binaries, Privileges privileges, Path data, BoundedLog log) {
        this.binaries = binaries;
        this.privileges = privileges;
        this.data = data;
        this.log = log;
    }

    /**
     * Starts the server and waits until it takes connections; what an earlier one left is waited for.
     *
     * @return its process
     * @throws StartFailure when it does not start, with PostgreSQL's own reason
     */
    Process start(int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LEFTOVER_LIMIT.toNanos();
        while (true) {
            Postmaster.clear(data, STOP_LIMIT);
            Optional<Process> started = tryStart(port);
            if (started.isPresent()) {
                return started.get();
            }
            if (!standsInTheWay(log.lastFatal()) || System.nanoTime() > deadline) {
                throw new StartFailure("PostgreSQL does not start on " + data + ": " + reason());
            }
            Thread.sleep(100);
        }
    }

    /** Stops it, without waiting for its clients; returns when it is gone. */
    void stop(Process process) {
        try {
            Postmaster.signal(process.pid(), "INT");
            if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                Postmaster.signal(process.pid(), "QUIT");
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** The wanted port if it is free, or another one. */
    static int freePort(int wanted) throws IOException {
        if (wanted > 0 && isFree(wanted)) {
            return wanted;
        }
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<Process> tryStart(int port) throws IOException, InterruptedException {
        Process process = Command.builder(privileges.wrap(command(port))).start();
        process.getOutputStream().close();
        Thread reader = log.follow(process.getInputStream());
        if (becomesReady(process)) {
            return Optional.of(process);
        }
        process.destroyForcibly().waitFor();
        reader.join(1000);
        return Optional.empty();
    }

    private boolean becomesReady(Process process) throws InterruptedException {
        long deadline = System.nanoTime() + RECOVERY_LIMIT.toNanos();
        CompletableFuture<Process> end = process.onExit();
        while (!end.isDone() && System.nanoTime() < deadline) {
            Optional<Postmaster> postmaster = Postmaster.of(data);
            if (postmaster.isPresent()
                    && postmaster.get().pid() == process.pid()
                    && postmaster.get().ready()) {
                return true;
            }
            Thread.sleep(10);
        }
        return false;
    }

    private List<String> command(int port) {
        return List.of(
                binaries.program("postgres"),
                "-D",
                data.toAbsolutePath().toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=");
    }

    private static boolean standsInTheWay(String message) {
        return message.contains("lock file")
                || message.contains("shared memory block")
                || message.contains("could not create any TCP/IP sockets")
                || message.isEmpty();
    }

    private String reason() {
        return log.lastFatal().isEmpty() ? "see its log, postgres.log beside it" : log.lastFatal();
    }
}
