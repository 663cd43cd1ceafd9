package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send their body little by little: an hour long, if they could have their way. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlowBodyIT {
    private static final int LENGTH = 60_000;
    private static final int LONG_MILLIS = 60_000;

    private final ScheduledExecutorService senders = Executors.newSingleThreadScheduledExecutor();
    private TestDatabase database;
    private TestServer server;
    private Socket socket = new Socket();

    @BeforeAll
    void start() {
        database = TestDatabase.create();
        server = TestServer.with(database)
                .set("http.body-timeout", "1s")
                .set("dataset.one.sql", "SELECT 1 AS n")
                .set("dataset.one.read", "public")
                .start();
    }

    @AfterEach
    void disconnect() throws IOException {
        socket.close();
    }

    @AfterAll
    void stop() {
        senders.shutdownNow();
        server.close();
        database.close();
    }

    @Test
    void a_body_that_trickles_is_answered_with_408_and_the_connection_ends() throws Exception {
        String answer = trickle("POST", "/api/auth/login");
        assertThat(answer)
                .startsWith("HTTP/1.1 408")
                .contains("application/problem+json", "\"code\":\"request_timeout\"", "X-Request-Id: ");
    }

    @Test
    void a_body_that_stops_is_answered_with_408_and_the_connection_ends() throws Exception {
        connect("POST", "/api/auth/login");
        assertThat(readToEnd())
                .startsWith("HTTP/1.1 408")
                .contains("application/problem+json", "\"code\":\"request_timeout\"", "X-Request-Id: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /api/users 401",
                "POST /nowhere 404",
                "GET /health/live 200",
                "GET /api/export/one 200",
                "GET /index.html 200"
            })
    void a_body_that_nobody_wants_is_not_waited_for(String row) throws Exception {
        String[] words = row.split(" ");
        assertThat(trickle(words[0], words[1])).startsWith("HTTP/1.1 " + words[2]);
    }

    /** What the server says until it closes the connection, while the body goes on to trickle. */
    private String trickle(String method, String path) throws Exception {
        connect(method, path);
        var sending = senders.scheduleWithFixedDelay(this::sendOneByte, 0, 50, TimeUnit.MILLISECONDS);
        try {
            return readToEnd();
        } finally {
            sending.cancel(false);
        }
    }

    private void connect(String method, String path) throws IOException {
        URI uri = URI.create(server.url());
        socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(LONG_MILLIS);
        String request = method + " " + path + " HTTP/1.1\r\nHost: " + uri.getAuthority()
                + "\r\nContent-Type: application/json\r\nContent-Length: " + LENGTH + "\r\n\r\n{";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    private void sendOneByte() {
        try {
            socket.getOutputStream().write(' ');
        } catch (IOException e) {
            throw new IllegalStateException("the server has closed the connection", e);
        }
    }

    /** A connection that stays open is a failure: the read times out. */
    private String readToEnd() throws IOException {
        StringBuilder answer = new StringBuilder();
        byte[] piece = new byte[4096];
        InputStream in = socket.getInputStream();
        try {
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                answer.append(new String(piece, 0, length, StandardCharsets.UTF_8));
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the connection stays open after: " + answer, e);
        } catch (IOException e) {
            // Reset: the end as well.
        }
        return answer.toString();
    }
}
