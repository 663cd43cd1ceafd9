package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpKeySourceTest {
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/keys", exchange -> answer(exchange, 200, "{\"keys\":[]}"));
        server.createContext("/missing", exchange -> answer(exchange, 404, "{\"keys\":[]}"));
        server.createContext("/large", exchange -> answer(exchange, 200, "x".repeat(KeySource.MOST + 1)));
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().set("Location", "/keys");
            answer(exchange, 302, "");
        });
        server.createContext("/endless", this::stall);
        server.start();
    }

    @AfterEach
    void stopServer() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void keys_are_read_from_an_address() throws IOException {
        assertThat(source("/keys").read()).isEqualTo("{\"keys\":[]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/missing", "/moved", "/large"})
    void what_is_no_key_set_is_refused(String path) {
        assertThatThrownBy(() -> source(path).read()).isInstanceOf(IOException.class);
    }

    @Test
    @Timeout(60)
    void an_answer_that_does_not_end_is_given_up() {
        HttpKeySource source = new HttpKeySource(url("/endless"), Duration.ofMillis(300));
        assertThatThrownBy(source::read).isInstanceOf(IOException.class);
    }

    @Test
    void keys_are_read_from_a_file(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("keys.json");
        Files.writeString(file, "{\"keys\":[]}");
        assertThat(KeySource.of(file.toString()).read()).isEqualTo("{\"keys\":[]}");
        Files.writeString(file, "x".repeat(KeySource.MOST + 1));
        assertThatThrownBy(() -> KeySource.of(file.toString()).read()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> KeySource.of(folder.resolve("none").toString()).read())
                .isInstanceOf(IOException.class);
    }

    private KeySource source(String path) {
        return KeySource.of(url(path));
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private void stall(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
