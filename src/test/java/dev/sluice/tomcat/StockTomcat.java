package dev.sluice.tomcat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A stock Tomcat as a process, with the files of {@code tomcat-conf} and the WAR as ROOT, in an instance folder of its
 * own and on a free port. Thread-safe.
 */
final class StockTomcat implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Pattern PORT = Pattern.compile("Starting ProtocolHandler \\[\"http-nio-.*-(\\d+)\"]");

    private final Process process;
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private StockTomcat(Process process) {
        this.process = process;
        reader = new Thread(this::read, "tomcat-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Installs and starts it; the folder is empty. */
    static StockTomcat start(Path instance, Map<String, String> environment) throws IOException {
        Path home = Path.of(System.getProperty("sluice.stock-tomcat", "target/stock/apache-tomcat-11.0.25"))
                .toAbsolutePath();
        install(home, instance);
        ProcessBuilder builder =
                new ProcessBuilder("sh", home.resolve("bin/catalina.sh").toString(), "run").redirectErrorStream(true);
        Map<String, String> variables = builder.environment();
        variables.keySet().removeIf(name -> name.matches("SLUICE_.*|CATALINA_.*|JAVA_OPTS|JRE_HOME"));
        variables.put("JAVA_HOME", System.getProperty("java.home"));
        variables.put("JRE_HOME", System.getProperty("java.home"));
        variables.put("CATALINA_HOME", home.toString());
        variables.put("CATALINA_BASE", instance.toString());
        variables.put("SLUICE_PORT", "0");
        variables.put("SLUICE_HOST", "127.0.0.1");
        variables.putAll(environment);
        return new StockTomcat(builder.start());
    }

    /** Waits until it has started, whatever became of the web application. */
    StockTomcat awaitStarted() throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (output.stream().noneMatch(line -> line.contains("Server startup in"))) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("Tomcat does not start:\n" + String.join("\n", output));
            }
            process.waitFor(50, TimeUnit.MILLISECONDS);
        }
        return this;
    }

    /** Its address, with a slash at its end. */
    String url() {
        return output.stream()
                .map(PORT::matcher)
                .filter(Matcher::find)
                .map(matcher -> "http://127.0.0.1:" + matcher.group(1) + "/")
                .findFirst()
                .orElseThrow();
    }

    long pid() {
        return process.pid();
    }

    List<String> output() {
        return output;
    }

    /** Asks it to stop and waits; all its output is there then. */
    void stop() {
        process.toHandle().destroy(); // unlike the process's own, keeps its output open
        try {
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("Tomcat does not stop:\n" + String.join("\n", output));
            }
            reader.join(LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void install(Path home, Path instance) throws IOException {
        for (String folder : new String[] {"conf", "bin", "webapps", "logs", "temp", "work"}) {
            Files.createDirectories(instance.resolve(folder));
        }
        try (Stream<Path> files = Files.list(home.resolve("conf"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                copy(file, instance.resolve("conf").resolve(file.getFileName()));
            }
        }
        copy(Path.of("tomcat-conf/server.xml"), instance.resolve("conf/server.xml"));
        copy(Path.of("tomcat-conf/context.xml"), instance.resolve("conf/context.xml"));
        copy(Path.of("tomcat-conf/setenv.sh"), instance.resolve("bin/setenv.sh"));
        copy(Path.of(System.getProperty("sluice.war", "target/sluice.war")), instance.resolve("webapps/ROOT.war"));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(output::add);
        } catch (IOException | java.io.UncheckedIOException e) {
            // The process is gone.
        }
    }
}
