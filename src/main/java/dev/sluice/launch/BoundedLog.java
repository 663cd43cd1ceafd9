package dev.sluice.launch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's log: what the server prints goes to a file that is moved aside at a limit, once, so that both together
 * never take more than twice the limit. Remembers the last fatal message, to say why a start failed. One daemon thread
 * for each server; thread-safe.
 */
final class BoundedLog {
    private static final int LINE_LIMIT = 64 * 1024;
    private static final Pattern FATAL = Pattern.compile("\\b(?:FATAL|PANIC):\\s+(.*)");

    private final Path file;
    private final long limit;
    private volatile String lastFatal = "";

    /**
     * @param limit bytes of one file; it is exceeded by one line at most
     */
    BoundedLog(Path file, long limit) {
        this.file = file;
        this.limit = limit;
    }

    /** The last fatal message since {@link #follow}; empty when there was none. */
    String lastFatal() {
        return lastFatal;
    }

    /** Copies the stream to its end, on a thread of its own. */
    Thread follow(InputStream in) {
        lastFatal = "";
        Thread thread = new Thread(() -> copy(in), "sluice-postgres-log");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void copy(InputStream in) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                append(line);
            }
        } catch (IOException e) {
            // The server is gone, and its output with it.
        }
    }

    private void append(String line) {
        Matcher matcher = FATAL.matcher(line);
        if (matcher.find()) {
            lastFatal = matcher.group(1);
        }
        try {
            rotate();
            try (Writer out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                out.write(line.length() > LINE_LIMIT ? line.substring(0, LINE_LIMIT) : line);
                out.write('\n');
            }
        } catch (IOException e) {
            // A full disk must not stop the server: go on reading, so that it is never blocked on its output.
        }
    }

    private void rotate() throws IOException {
        if (Files.exists(file) && Files.size(file) > limit) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
