package dev.sluice.support;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real nginx in front of a server, configured as our documentation says. */
public final class Nginx implements AutoCloseable {
    private static final String CONFIGURATION = """
            daemon off;
            worker_processes 1;
            pid %1$s/nginx.pid;
            error_log %1$s/error.log;
            events {}
            http {
              access_log off;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
              server {
                listen 127.0.0.1:%2$d;
                %3$s
              }
            }
            """;

    private final Path folder;
    private final Process process;
    private final int port;

    private Nginx(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    /** Starts one in front of an address and waits until it listens. */
    public static Nginx inFrontOf(String url) {
        try {
            Path folder = Files.createTempDirectory("sluice-nginx");
            int port = freePort();
            URI uri = URI.create(url);
            Path file = folder.resolve("nginx.conf");
            Files.writeString(file, CONFIGURATION.formatted(folder, port, documented(uri.getAuthority())));
            Process process = new ProcessBuilder(program(), "-p", folder.toString(), "-c", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("out.log").toFile())
                    .start();
            Awaitility.await().until(() -> listens(port));
            return new Nginx(folder, process, port);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit().join();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    /** The location that the documentation tells people to write. */
    private static String documented(String authority) throws IOException {
        String page = Files.readString(Path.of("docs", "how-to", "behind-nginx.md"));
        int start = page.indexOf("location / {");
        return page.substring(start, page.indexOf('}', start) + 1).replace("//sluice", "//" + authority);
    }

    private static String program() {
        return Files.isExecutable(Path.of("/usr/sbin/nginx")) ? "/usr/sbin/nginx" : "nginx";
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
