package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.ServerProcess;
import dev.sluice.support.TestDatabase;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole server logs of requests that are full of secrets and of attempts to forge its log. */
class LogIT {
    private static final String EVENT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ (INFO |WARN |ERROR) .*";
    private static final String LOGIN = "{\"email\":\"nobody@example.com\",\"password\":\"S3CRET-password\"}";

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

    private ServerProcess start(TestDatabase database) throws InterruptedException {
        return ServerProcess.start(
                        data,
                        "--database-url",
                        database.jdbcUrl(),
                        "--database-user",
                        database.user(),
                        "--database-password",
                        database.password())
                .awaitReady();
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
