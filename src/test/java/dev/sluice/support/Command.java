package dev.sluice.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A foreign program that runs to its end: curl, psql. */
public final class Command implements AutoCloseable {
    private static final long LONGEST_SECONDS = 120;

    private final Process process;
    private final Path output;

    private Command(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts it; what it prints, errors included, goes to a file. */
    public static Command start(String... command) {
        try {
            Path output = Files.createTempFile("sluice-command", ".out");
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            return new Command(process, output);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for its end and gives its exit code. */
    public int exitCode() {
        try {
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("still running: " + process.info());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** What it has printed. */
    public byte[] output() {
        try {
            return Files.readAllBytes(output);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** How many bytes it has printed so far. */
    public long printed() {
        try {
            return Files.size(output);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public String text() {
        return new String(output(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            Files.deleteIfExists(output);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
