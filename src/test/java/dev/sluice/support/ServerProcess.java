package dev.sluice.support;

import dev.sluice.launch.TestLauncher;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code java -jar target/sluice.war} as a process of its own, for what only a process can show: exit codes, signals,
 * kills, what is printed. Closing ends it and the PostgreSQL it may have left. Thread-safe.
 */
public final class ServerProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String READY = "Sluice is ready at ";

    private final Path data;
    private final Process process;
    private final Path output;
    private final Path errors;

    private ServerProcess(Path data, Process process, Path output, Path errors) {
        this.data = data;
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /** Starts the WAR with these arguments on this data folder and a free port, unless the arguments name them. */
    public static ServerProcess start(Path data, String... arguments) {
        return start(data, Map.of(), "", arguments);
    }

    /** Starts it with an environment beside, and something on standard input. */
    public static ServerProcess start(Path data, Map<String, String> environment, String input, String... arguments) {
        return start("256m", data, environment, input, arguments);
    }

    /** Starts it with a heap of this size, as in {@code -Xmx64m}. */
    public static ServerProcess start(
            String heap, Path data, Map<String, String> environment, String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx" + heap,
                "-jar",
                System.getProperty("sluice.war", "target/sluice.war")));
        command.addAll(List.of(arguments));
        Map<String, String> all = new HashMap<>(environment);
        all.putIfAbsent("SLUICE_PORT", "0");
        all.putIfAbsent("SLUICE_DATA", data.toString());
        return run(command, data, all, input);
    }

    /** Runs another command that becomes a server on this data folder, with an environment beside. */
    public static ServerProcess run(List<String> command, Path data, Map<String, String> environment) {
        return run(command, data, environment, "");
    }

    private static ServerProcess run(List<String> command, Path data, Map<String, String> environment, String input) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_"));
        builder.environment().putAll(environment);
        try {
            // Files, not pipes: what Java reads of a pipe may lose its last lines when the process ends.
            Path output = Files.createTempFile("sluice", ".out");
            Path errors = Files.createTempFile("sluice", ".err");
            Process process = builder.redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            return new ServerProcess(data, process, output, errors);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until it is ready; fails with what it printed when it is not. */
    public ServerProcess awaitReady() throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (output().stream().noneMatch(line -> line.startsWith(READY))) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("The server is not ready. Output: " + output() + ", errors: " + errors());
            }
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
        return this;
    }

    /** Its address, with a slash at its end. */
    public String url() {
        return output().stream()
                .filter(line -> line.startsWith(READY))
                .findFirst()
                .orElseThrow()
                .substring(READY.length());
    }

    /** The lines on its standard output so far. */
    public List<String> output() {
        return lines(output);
    }

    /** The lines on its standard error so far. */
    public List<String> errors() {
        return lines(errors);
    }

    public Path data() {
        return data;
    }

    public long pid() {
        return process.pid();
    }

    /** The process id of its embedded PostgreSQL. */
    public long postgresPid() throws IOException {
        return Long.parseLong(Files.readAllLines(data.resolve("postgres/postmaster.pid"))
                .get(0)
                .strip());
    }

    /** SIGTERM, then its exit code. */
    public int terminate() throws InterruptedException {
        process.destroy();
        return exitCode();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Waits for its end; all it printed is there then. */
    public int exitCode() throws InterruptedException {
        if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("The server does not end. Output: " + output() + ", errors: " + errors());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        try {
            process.destroyForcibly().waitFor();
            TestLauncher.stopOrphan(data);
            Files.deleteIfExists(output);
            Files.deleteIfExists(errors);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readString(file).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
