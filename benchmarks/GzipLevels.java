import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;

/**
 * What each level of gzip costs and saves on the files named, compressed in pieces of 64 KiB as Sluice does: {@code java
 * GzipLevels.java FILE...}. Levels take turns; medians of CPU time, so that a busy machine matters little.
 */
class GzipLevels {
    private static final int CHUNK = 64 * 1024;
    private static final int ROUNDS = 5;
    private static final int[] LEVELS = {1, 2, 3, 4, 5, 6, 9};
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** One pass over a file. */
    record Pass(int level, long nanos, long bytes) {}

    public static void main(String[] files) throws IOException {
        System.out.println("| text | MB | " + String.join(" | ", Arrays.stream(LEVELS).mapToObj(l -> "level " + l).toList()) + " |");
        System.out.println("|---|---" + "|---".repeat(LEVELS.length) + "|");
        for (String file : files) {
            if (Files.exists(Path.of(file))) {
                report(file, Files.readAllBytes(Path.of(file)));
            }
        }
    }

    private static void report(String name, byte[] text) {
        List<Pass> passes = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int level : LEVELS) {
                passes.add(compress(text, level));
            }
        }
        StringBuilder line = new StringBuilder("| %s | %.1f |".formatted(name, text.length / 1e6));
        for (int level : LEVELS) {
            Pass median = passes.stream()
                    .filter(pass -> pass.level() == level)
                    .sorted((a, b) -> Long.compare(a.nanos(), b.nanos()))
                    .toList()
                    .get(ROUNDS / 2);
            line.append(" %.0f MB/s, %.1f %% |".formatted(text.length * 1e3 / median.nanos(), 100.0 * median.bytes() / text.length));
        }
        System.out.println(line);
    }

    private static Pass compress(byte[] text, int level) {
        Deflater deflater = new Deflater(level, true);
        byte[] out = new byte[CHUNK];
        long bytes = 0;
        long began = THREADS.getCurrentThreadCpuTime();
        for (int at = 0; at < text.length; at += CHUNK) {
            deflater.setInput(text, at, Math.min(CHUNK, text.length - at));
            bytes += drain(deflater, out);
        }
        deflater.finish();
        bytes += drain(deflater, out);
        long nanos = THREADS.getCurrentThreadCpuTime() - began;
        deflater.end();
        return new Pass(level, nanos, bytes);
    }

    private static long drain(Deflater deflater, byte[] out) {
        long bytes = 0;
        for (int written = deflater.deflate(out); written > 0; written = deflater.deflate(out)) {
            bytes += written;
        }
        return bytes;
    }
}
