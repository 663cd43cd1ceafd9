package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.ServerProcess;
import dev.sluice.support.SlowClient;
import dev.sluice.support.TestDatabase;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole server logs of requests, of those as well that are full of secrets and of attempts to forge its log. */
class LogIT {
    private static final String EVENT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ (INFO |WARN |ERROR) .*";
    private static final String LOGIN = "{\"email\":\"nobody@example.com\",\"password\":\"S3CRET-password\"}";

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path data;

    @Test
    void noSecretIsLoggedAndNoLineIsForged() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                ServerProcess server = start(database)) {
            int port = URI.create(server.url()).getPort();
            send(port, "GET /api/auth/me?token=S3CRET&ticket=S3CRET&a=%0D%0AFORGED", "Authorization: Bearer S3CRET");
            send(port, "GET /api/auth/me?%74oken=S3CRET&access_token=S3CRET", "Cookie: refresh=S3CRET");
            send(port, "GET /api/auth/me;jsessionid=S3CRET?x=1", "X-Request-Id: a FORGED line");
            send(port, "GET /api/export/none?x=\u0085\u2028FORGED", "X-API-Key: S3CRET");
            send(port, "GET /api/auth/me\tFORGED", "Referer: http://x/?token=S3CRET");
            assertThat(send(port, "POST /api/auth/login", "Content-Type: application/json", LOGIN))
                    .startsWith("HTTP/1.1 401");

            assertThat(server.terminate()).isZero();

            List<String> log = server.errors();
            assertThat(log)
                    .noneMatch(line -> line.contains("S3CRET"))
                    .noneMatch(line -> line.contains("a FORGED line"));
            assertThat(log).allMatch(line -> line.matches(EVENT) || line.startsWith("    "));
            assertThat(log).filteredOn(line -> line.contains("access: ")).hasSizeGreaterThanOrEqualTo(4);
            assertThat(server.output()).singleElement().asString().startsWith("Sluice is ready at ");
        }
    }

    @Test
    void anExportHasOneLineWhicheverWayItEnds() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                ServerProcess server = start(database, "--settings", datasets().toString())) {
            int port = URI.create(server.url()).getPort();
            assertThat(send(port, "GET /api/export/small.csv", "X-Request-Id: complete-1"))
                    .contains("Sluice-Rows: 10");
            assertThat(send(port, "GET /api/export/failing.csv", "X-Request-Id: failed-1"))
                    .startsWith("HTTP/1.1 200")
                    .doesNotContain("Sluice-Rows: 1");
            SlowClient client = new SlowClient(server.url() + "api/export/large.csv", "X-Request-Id: aborted-1");
            assertThat(client.read(100)).startsWith("HTTP/1.1 200");
            client.reset();
            await().atMost(LONG).until(() -> !lines(server, "aborted-1").isEmpty());

            assertThat(server.terminate()).isZero();

            assertThat(lines(server, "complete-1"))
                    .singleElement()
                    .asString()
                    .contains(" GET /api/export/small.csv 200 done ");
            assertThat(lines(server, "failed-1"))
                    .singleElement()
                    .asString()
                    .contains(" GET /api/export/failing.csv 200 broken ");
            assertThat(lines(server, "aborted-1"))
                    .singleElement()
                    .asString()
                    .contains(" GET /api/export/large.csv 200 broken ");
        }
    }

    private Path datasets() throws IOException {
        String rows = "SELECT g AS id, repeat('x', 1000) AS text FROM generate_series(1, %d) g\n";
        return Files.writeString(
                data.resolve("datasets.properties"),
                "sluice.dataset.small.sql=" + rows.formatted(10) + "sluice.dataset.small.read=public\n"
                        + "sluice.dataset.large.sql=" + rows.formatted(250_000) + "sluice.dataset.large.read=public\n"
                        + "sluice.dataset.failing.sql=SELECT 1 / (g - 200000) AS x FROM generate_series(1, 250000) g\n"
                        + "sluice.dataset.failing.read=public\n");
    }

    /** What the access log has of one request. */
    private static List<String> lines(ServerProcess server, String id) {
        return server.errors().stream()
                .filter(line -> line.contains(" access: ") && line.endsWith(" " + id))
                .toList();
    }

    private ServerProcess start(TestDatabase database, String... arguments) throws InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                "--database-url",
                database.jdbcUrl(),
                "--database-user",
                database.user(),
                "--database-password",
                database.password()));
        all.addAll(List.of(arguments));
        return ServerProcess.start(data, all.toArray(String[]::new)).awaitReady();
    }

    private static String send(int port, String line, String header) throws IOException {
        return send(port, line, header, "");
    }

    private static String send(int port, String line, String header, String body) throws IOException {
        String request = line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header
                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
