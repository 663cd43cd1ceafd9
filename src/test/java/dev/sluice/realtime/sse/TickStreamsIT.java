package dev.sluice.realtime.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.SlowClient;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stream of ticks over HTTP. */
@SuppressWarnings("NullAway.Init") // begun before all tests
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TickStreamsIT {
    private static final int MOST = 1_000;
    private static final String PATH = "/api/events/stream";
    private static final String DATA = "data: \\{\"time\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\"}";
    private static final Pattern USED =
            Pattern.compile("(?m)^sluice_budget_used\\{resource=\"ticks\\.running\"} (\\d+)\\.0$");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static TestDatabase database;
    private static TestServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database).start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void theTimeComesAtOnceAndThenEachSecond() throws Exception {
        HttpResponse<Stream<String>> response = listen(server);
        try (Stream<String> lines = response.body()) {
            assertThat(response.statusCode()).isEqualTo(200);
            assertDescribed(response);
            Iterator<String> line = lines.iterator();
            assertThat(line.next()).isEqualTo("retry: 3000");
            assertThat(line.next()).isEmpty();
            for (int tick = 0; tick < 3; tick++) {
                assertThat(line.next()).isEqualTo("event: tick");
                assertThat(line.next()).matches(DATA);
                assertThat(line.next()).isEmpty();
            }
        }
    }

    @Test
    void headTellsTheHeadersAndOtherMethodsAreRefused() throws Exception {
        HttpResponse<String> head = send(server, "HEAD", "");
        assertThat(head.statusCode()).isEqualTo(200);
        assertDescribed(head);
        HttpResponse<String> post = send(server, "POST", "");
        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(post.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @Test
    void aTokenInTheAddressMustBeValid() throws Exception {
        assertThat(send(server, "GET", "?token=nonsense").statusCode()).isEqualTo(401);
        try (SlowClient reader = new SlowClient(server.url(PATH + "?token=secret-user-123"))) {
            assertThat(reader.read(12)).isEqualTo("HTTP/1.1 200");
        }
    }

    @Test
    void outsideTheDemoNobodyListensWithoutAToken() throws Exception {
        try (TestDatabase own = TestDatabase.create();
                TestServer plain = TestServer.with(own).start()) {
            assertThat(send(plain, "GET", "").statusCode()).isEqualTo(401);
        }
    }

    @Test
    void clientsThatReadNothingHoldUpNobodyAndTheirNumberIsBounded() throws Exception {
        List<SlowClient> silent = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> running() == 0);
        try (Stream<String> reader = listen(server).body()) {
            for (int i = 1; i < MOST; i++) {
                silent.add(new SlowClient(server.url(PATH)));
            }
            await().atMost(PATIENCE).until(() -> running() == MOST);
            HttpResponse<String> refused = send(server, "GET", "");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("\"busy\"");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(reader.filter(line -> line.matches(DATA)).limit(5)).hasSize(5);
        } finally {
            silent.forEach(SlowClient::reset);
        }
        await().atMost(PATIENCE).until(() -> running() == 0);
    }

    @Test
    void streamsEndInOrderWhenTheServerStops() throws Exception {
        try (TestDatabase own = TestDatabase.create()) {
            // So long that whoever waited for it would be noticed.
            TestServer stopping =
                    TestServer.demo(own).set("drain-timeout", "1h").start();
            HttpResponse<Stream<String>> response = listen(stopping);
            try (Stream<String> lines = response.body()) {
                Iterator<String> line = lines.iterator();
                assertThat(line.next()).isEqualTo("retry: 3000");
                stopping.close();
                // An end that is a cut would throw here.
                line.forEachRemaining(more -> assertThat(more).matches("|event: tick|" + DATA));
            }
        }
    }

    private HttpResponse<Stream<String>> listen(TestServer on) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(on.url(PATH))).build(), HttpResponse.BodyHandlers.ofLines());
    }

    private HttpResponse<String> send(TestServer to, String method, String query)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(to.url(PATH + query)))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static void assertDescribed(HttpResponse<?> response) {
        assertThat(response.headers().firstValue("Content-Type").orElse("").replace(" ", ""))
                .isEqualToIgnoringCase("text/event-stream;charset=utf-8");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
    }

    private int running() throws IOException, InterruptedException {
        HttpResponse<String> metrics = client.send(
                HttpRequest.newBuilder(URI.create(server.url("/metrics"))).build(),
                HttpResponse.BodyHandlers.ofString());
        Matcher used = USED.matcher(metrics.body());
        assertThat(used.find()).isTrue();
        return Integer.parseInt(used.group(1));
    }
}
