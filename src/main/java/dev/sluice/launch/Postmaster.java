package dev.sluice.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PostgreSQL server process as its data folder knows it, in {@code postmaster.pid}: ours, or one that outlived a
 * Sluice that was killed. Immutable.
 *
 * @param pid its process id
 * @param status its last line, {@code ready} once it takes connections
 */
record Postmaster(long pid, String status) {
    private static final int STATUS_LINE = 7;

    /** What the folder's {@code postmaster.pid} says, if there is one and it is whole. */
    static Optional<Postmaster> of(Path data) {
        try {
            List<String> lines = Files.readAllLines(file(data));
            long pid = Math.abs(Long.parseLong(lines.get(0).strip()));
            return Optional.of(new Postmaster(
                    pid, lines.size() > STATUS_LINE ? lines.get(STATUS_LINE).strip() : ""));
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    boolean ready() {
        return status.equals("ready");
    }

    /**
     * Stops a server that an earlier Sluice left on the folder, and removes a lock file that nobody holds. The caller
     * holds the folder's lock, so the server is nobody else's.
     */
    static void clear(Path data, Duration limit) throws IOException, InterruptedException {
        Optional<Postmaster> left = of(data);
        if (left.isEmpty()) {
            return;
        }
        long pid = left.get().pid();
        if (worksOn(pid, data)) {
            signal(pid, "INT");
            if (!ends(pid, limit)) {
                signal(pid, "QUIT");
                if (!ends(pid, limit)) {
                    throw new StartFailure("A PostgreSQL of an earlier start (process " + pid + ") still uses " + data
                            + " and does not stop: end it, then start Sluice again");
                }
            }
        } else if ((alive(pid) || zombie(pid)) && nobodyWorksOn(data)) {
            // The process id is somebody else's by now, or nobody's: PostgreSQL would take it for a running server.
            Files.deleteIfExists(file(data));
        }
    }

    static void signal(long pid, String name) {
        Command.run(List.of("/bin/sh", "-c", "kill -" + name + " " + pid), "", Duration.ofSeconds(10));
    }

    private static boolean ends(long pid, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (alive(pid) && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        return !alive(pid);
    }

    /** Whether it runs; one that ended and that its parent has not taken note of does not. */
    static boolean alive(long pid) {
        return !zombie(pid) && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Ended, but not yet taken note of by its parent. */
    private static boolean zombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.substring(stat.lastIndexOf(')') + 1).stripLeading().startsWith("Z");
        } catch (IOException e) {
            return false;
        }
    }

    /** A server works in its data folder; elsewhere than on Linux the program's name has to do. */
    private static boolean worksOn(long pid, Path data) {
        if (Files.isDirectory(Path.of("/proc/self"))) {
            return isServerOf(Path.of("/proc", Long.toString(pid)), data);
        }
        return alive(pid)
                && ProcessHandle.of(pid)
                        .flatMap(handle -> handle.info().command())
                        .map(command -> command.endsWith("postgres"))
                        .orElse(false);
    }

    private static boolean nobodyWorksOn(Path data) throws IOException {
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            return true;
        }
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process ->
                            Character.isDigit(process.getFileName().toString().charAt(0)))
                    .noneMatch(process -> isServerOf(process, data));
        }
    }

    private static boolean isServerOf(Path process, Path data) {
        try {
            return Files.readString(process.resolve("comm")).strip().equals("postgres")
                    && Files.isSameFile(process.resolve("cwd"), data);
        } catch (IOException e) {
            return false;
        }
    }

    private static Path file(Path data) {
        return data.resolve("postmaster.pid");
    }
}
