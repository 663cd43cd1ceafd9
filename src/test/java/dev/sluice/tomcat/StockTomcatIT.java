package dev.sluice.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.LiveHeap;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.ServerProcess;
import dev.sluice.support.SlowClient;
import dev.sluice.support.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StockTomcatIT {
    private static final String PASSWORD = "a-long-password-1";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** More than the two that Tomcat would give streams by itself. */
    private static final String FIVE_SECONDS =
            "SELECT n, CASE WHEN n % 1000 = 0 THEN pg_sleep(0.05)::text END AS pause FROM generate_series(1, 100000) AS n";

    private static final Pattern TOKEN = Pattern.compile("\"accessToken\":\"([^\"]+)\"");

    @TempDir
    Path folder;

    private Path instance;

    @BeforeEach
    void chooseInstanceFolder() {
        instance = folder.resolve("instance");
    }

    @Test
    void runs_the_same_war_as_java_does() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                StockTomcat tomcat = StockTomcat.start(instance, environment(database))) {
            tomcat.awaitStarted();
            assertThat(get(tomcat.url() + "health/ready").statusCode())
                    .as(() -> String.join("\n", tomcat.output()))
                    .isEqualTo(200);
            assertThat(get(tomcat.url() + "api/export").statusCode()).isEqualTo(200);
            for (String path :
                    new String[] {"dev/sluice/launch/Main.class", "WEB-INF/web.xml", "META-INF/context.xml"}) {
                assertThat(get(tomcat.url() + path).statusCode()).as(path).isIn(403, 404);
            }
            HttpResponse<String> refused = get(tomcat.url(), "X-Long", "x".repeat(40_000));
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
            assertThat(refused.headers().firstValue("Server")).isEmpty();
            assertThat(refused.body()).isEqualToIgnoringWhitespace("{\"status\": 400}");
            assertThat(get(tomcat.url()).headers().firstValue("Content-Type")).contains("text/html;charset=utf-8");
            HttpResponse<String> trace = CLIENT.send(
                    HttpRequest.newBuilder(URI.create(tomcat.url()))
                            .method("TRACE", BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofString());
            assertThat(trace.statusCode()).isEqualTo(405);
            assertThat(trace.body()).contains("\"code\":\"method_not_allowed\"");
            assertThat(trace.headers().firstValue("X-Request-Id")).isPresent();
            tomcat.stop();
            assertThat(tomcat.output()).noneMatch(line -> line.contains("SEVERE"));
        }
    }

    @Test
    void lets_a_running_export_end_before_it_stops() throws Exception {
        Path settings = Files.writeString(
                folder.resolve("sluice.properties"),
                "sluice.dataset.n.sql=" + FIVE_SECONDS + "\nsluice.dataset.n.read=public\n");
        try (TestDatabase database = TestDatabase.create()) {
            Map<String, String> environment = new HashMap<>(environment(database));
            environment.put("SLUICE_SETTINGS", settings.toString());
            try (StockTomcat tomcat = StockTomcat.start(instance, environment).awaitStarted();
                    SlowClient client = new SlowClient(tomcat.url() + "api/export/n")) {
                assertThat(client.read(1000)).startsWith("HTTP/1.1 200");
                CompletableFuture<Void> stopped = CompletableFuture.runAsync(tomcat::stop);
                await().until(() -> tomcat.output().stream().anyMatch(line -> line.contains("Pausing")));
                assertThat(client.read(Integer.MAX_VALUE)).endsWith("Sluice-Rows: 100000\r\n\r\n");
                stopped.join();
            }
        }
    }

    @Test
    void signs_an_admin_in_who_exports_a_table() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            database.execute(
                    "CREATE TABLE public.fruit (id int PRIMARY KEY, name text)",
                    "INSERT INTO public.fruit VALUES (1, 'apple'), (2, 'a \"pear\"')");
            createAdmin(database);
            try (StockTomcat tomcat =
                    StockTomcat.start(instance, environment(database)).awaitStarted()) {
                Matcher token = TOKEN.matcher(login(tomcat).body());
                assertThat(token.find()).isTrue();
                HttpResponse<String> export = get(
                        tomcat.url() + "api/export?dataset=public.fruit&format=csv",
                        "Authorization",
                        "Bearer " + token.group(1));
                assertThat(export.body()).isEqualTo("id,name\n1,apple\n2,\"a \"\"pear\"\"\"\n");
                assertThat(export.headers().firstValue("Transfer-Encoding")).contains("chunked");
            }
        }
    }

    @Test
    void sockets_work_cost_little_and_are_told_when_it_stops() throws Exception {
        Path settings = Files.writeString(
                folder.resolve("sluice.properties"),
                "sluice.namespace.live.subscribe=signed-in\nsluice.realtime.message-rate=0\n");
        List<RawWebSocket> sockets = new ArrayList<>();
        try (TestDatabase database = TestDatabase.create()) {
            createAdmin(database);
            Map<String, String> environment = new HashMap<>(environment(database));
            environment.put("SLUICE_SETTINGS", settings.toString());
            try (StockTomcat tomcat = StockTomcat.start(instance, environment).awaitStarted()) {
                Matcher token = TOKEN.matcher(login(tomcat).body());
                assertThat(token.find()).isTrue();
                String header = "Authorization: Bearer " + token.group(1);
                assertThatBurstsAndLongTextsAreWhole(tomcat, header);
                listen(tomcat, header).close();
                long before = LiveHeap.bytes(tomcat.pid());
                for (int i = 0; i < 500; i++) {
                    sockets.add(listen(tomcat, header));
                }
                assertThat((LiveHeap.bytes(tomcat.pid()) - before) / 500).isLessThan(20 * 1024);
                try (RawWebSocket unknown = RawWebSocket.open(tomcat.url() + "ws/gateway?token=none")) {
                    assertThat(unknown.readToClose()).isEqualTo(4001);
                }
                CompletableFuture<Void> stopped = CompletableFuture.runAsync(tomcat::stop);
                assertThat(sockets)
                        .allSatisfy(socket -> assertThat(socket.readToClose()).isEqualTo(1001));
                stopped.join();
                assertThat(tomcat.output()).noneMatch(line -> line.contains("SEVERE"));
                assertThat(tomcat.output()).noneMatch(line -> line.contains("in small pieces only"));
            }
        } finally {
            sockets.forEach(RawWebSocket::close);
        }
    }

    /** A long text is one frame where the container's own objects are reached. */
    private static void assertThatBurstsAndLongTextsAreWhole(StockTomcat tomcat, String header) {
        try (RawWebSocket socket = RawWebSocket.open(tomcat.url() + "ws/gateway", header)) {
            String text = "x".repeat(20_000);
            socket.text(echo(text));
            RawWebSocket.Frame frame = socket.read().orElseThrow();
            assertThat(frame.isLast()).isTrue();
            assertThat(frame.text()).contains(text);

            ByteArrayOutputStream burst = new ByteArrayOutputStream();
            for (int i = 0; i < 200; i++) {
                burst.writeBytes(RawWebSocket.bytes(
                        true, 0, RawWebSocket.TEXT, echo("burst " + i).getBytes(StandardCharsets.UTF_8), true));
            }
            socket.write(burst.toByteArray());
            for (int i = 0; i < 200; i++) {
                assertThat(socket.readText()).contains("\"burst " + i + "\"");
            }
        }
    }

    private static String echo(String text) {
        return "{\"type\":\"echo\",\"payload\":\"" + text + "\"}";
    }

    /** A socket that listens to a channel. */
    private static RawWebSocket listen(StockTomcat tomcat, String header) {
        RawWebSocket socket = RawWebSocket.open(tomcat.url() + "ws", header);
        socket.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"live:x\"}}");
        socket.readText("channel:subscribed");
        return socket;
    }

    @Test
    void without_a_database_one_line_says_so_and_nothing_is_deployed() throws Exception {
        // On all addresses, as servers listen: that no demo may is not what is wrong here.
        try (StockTomcat tomcat =
                StockTomcat.start(instance, Map.of("SLUICE_HOST", "0.0.0.0")).awaitStarted()) {
            assertThat(tomcat.output())
                    .filteredOn(line -> line.contains("No database is set"))
                    .hasSize(1);
            HttpResponse<String> nothing = get(tomcat.url() + "health/live");
            assertThat(nothing.statusCode()).isEqualTo(404);
            assertThat(nothing.body()).isEqualToIgnoringWhitespace("{\"status\": 404}");
        }
    }

    private void createAdmin(TestDatabase database) throws InterruptedException {
        try (ServerProcess command = ServerProcess.start(
                folder.resolve("data"), environment(database), PASSWORD + "\n", "create-admin", "root@example.com")) {
            assertThat(command.exitCode()).as(() -> command.errors().toString()).isZero();
            assertThat(command.output()).containsExactly("root@example.com is an admin");
        }
    }

    private static HttpResponse<String> login(StockTomcat tomcat) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(tomcat.url() + "api/auth/login"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(
                                "{\"email\":\"root@example.com\",\"password\":\"" + PASSWORD + "\"}"))
                        .build(),
                BodyHandlers.ofString());
    }

    private static Map<String, String> environment(TestDatabase database) {
        return Map.of(
                "SLUICE_EXPORT_SCHEMAS", "public",
                "SLUICE_DATABASE_URL", database.jdbcUrl(),
                "SLUICE_DATABASE_USER", database.user(),
                "SLUICE_DATABASE_PASSWORD", database.password());
    }

    private static HttpResponse<String> get(String url, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }
}
