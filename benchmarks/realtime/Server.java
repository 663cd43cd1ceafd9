import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that is measured, and what can be asked of its process. Immutable. */
record Server(String name, String host, int port, long pid, Speech speech, String token) {
    /** As {@code name,pid,http://host:port/[,token]}. */
    static Server of(String text) {
        String[] parts = text.split(",");
        URI uri = URI.create(parts[2]);
        Speech speech = parts[0].equals("socket.io") ? Speech.SOCKET_IO : Speech.PLAIN;
        String token = parts.length > 3 ? parts[3] : "";
        return new Server(parts[0], uri.getHost(), uri.getPort(), Long.parseLong(parts[1]), speech, token);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }

    /** The sum of the figures that this regular expression finds in the metrics. */
    double metric(String pattern) {
        Matcher line = Pattern.compile("(?m)^" + pattern + " (?<figure>\\S+)$").matcher(metrics());
        double sum = 0;
        while (line.find()) {
            sum += Double.parseDouble(line.group("figure"));
        }
        return sum;
    }

    private String metrics() {
        try (var in = URI.create("http://" + host + ":" + port + "/metrics").toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** KB of heap in use after a full collection. */
    long heapAfterCollection() {
        jcmd("GC.run");
        return Pattern.compile("used (\\d+)K")
                .matcher(jcmd("GC.heap_info").replaceAll("(?m)^.*(Metaspace|class space).*$", ""))
                .results()
                .mapToLong(used -> Long.parseLong(used.group(1)))
                .sum();
    }

    /** KB of memory that the process holds. */
    long resident() {
        return status("VmRSS");
    }

    /** Returns when the server knows of so many connections. */
    void awaitConnections(int connections) {
        while (metric("sluice_budget_used\\{[^}]*connections.open[^}]*}") != connections) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** KB of memory that the process held at most. */
    long mostResident() {
        return status("VmHWM");
    }

    private long status(String line) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(one -> one.startsWith(line + ":"))
                    .mapToLong(one -> Long.parseLong(one.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String jcmd(String what) {
        return run("jcmd", Long.toString(pid), what);
    }

    /** What a program says. */
    static String run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(Arrays.toString(command) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
