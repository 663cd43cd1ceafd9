package dev.sluice.launch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end and keeps what it printed. Stateless. */
final class Command {
    private static final int OUTPUT_LIMIT = 256 * 1024;

    /**
     * How a program ended.
     *
     * @param exitCode its exit code
     * @param output what it printed, on both streams, up to a limit
     */
    record Result(int exitCode, String output) {
        boolean succeeded() {
            return exitCode == 0;
        }

        /** The last line that says something; an error is usually there. */
        String lastLine() {
            List<String> lines =
                    output.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
            return lines.isEmpty() ? "exit code " + exitCode : lines.get(lines.size() - 1);
        }
    }

    private Command() {}

    /** Runs the program; one that cannot be started or does not end in time has failed. */
    static Result run(List<String> command, String input, Duration limit) {
        try {
            Process process = builder(command).start();
            process.onExit().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).exceptionally(late -> {
                process.destroyForcibly();
                return process;
            });
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended without reading; its exit code and output tell why.
            }
            String output = read(process.getInputStream());
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            return new Result(127, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(130, "interrupted");
        }
    }

    /** A program with both outputs in one, and an environment in which no PostgreSQL variable of the user's counts. */
    static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        return builder;
    }

    private static String read(InputStream in) throws IOException {
        String text = new String(in.readNBytes(OUTPUT_LIMIT), StandardCharsets.UTF_8);
        in.transferTo(OutputStream.nullOutputStream());
        return text;
    }
}
