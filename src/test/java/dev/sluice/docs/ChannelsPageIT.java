package dev.sluice.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.Command;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page about channels: its namespace, its function and its way to sign a token let in whom they should. */
class ChannelsPageIT {
    private static final Page PAGE = Page.read(Path.of("docs", "how-to", "channels.md"));
    private static final String SECRET = "the secret of an application, long enough";

    @TempDir
    Path folder;

    @Test
    void the_namespace_opens_to_whom_the_function_or_a_token_lets_in() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = server(database)) {
            JsonNode account = register(server);
            String user = account.path("user").path("id").asText();
            database.execute("CREATE SCHEMA shop", "CREATE TABLE shop.orders (id int PRIMARY KEY, owner text)");
            database.execute("INSERT INTO shop.orders VALUES (42, '" + user + "'), (43, 'somebody else')");
            database.execute(PAGE.blocks("sql").get(0).text());
            try (RawWebSocket socket = RawWebSocket.open(
                    server.url("/ws?token=" + account.path("accessToken").asText()))) {
                assertThat(socket.readText()).contains("connected");
                assertThat(subscribe(socket, "orders:42", "")).contains("channel:subscribed");
                assertThat(subscribe(socket, "orders:43", "")).contains("permission_denied");
                assertThat(subscribe(socket, "orders:43", sign(user, "orders:42")))
                        .contains("permission_denied");
                assertThat(subscribe(socket, "orders:43", sign(user, "orders:43")))
                        .contains("channel:subscribed")
                        .contains("\"expiresIn\":");
            }
        }
    }

    private static TestServer server(TestDatabase database) {
        TestServer.Builder server = TestServer.with(database)
                .set("auth.registration", "true")
                .set("auth.password-cost", "4")
                .set("realtime.token-secret", SECRET);
        PAGE.blocks("properties").get(0).text().lines().forEach(line -> {
            String[] property = line.split("=", 2);
            server.set(property[0].substring("sluice.".length()), property[1]);
        });
        return server.start();
    }

    private static JsonNode register(TestServer server) throws IOException, InterruptedException {
        String body = "{\"email\":\"ann@example.com\",\"password\":\"a-long-password-1\",\"name\":\"Ann\"}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url("/api/auth/register")))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return Json.parse(HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body());
    }

    private static String subscribe(RawWebSocket socket, String channel, String token) {
        socket.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"" + channel + "\",\"token\":\"" + token
                + "\"}}");
        return socket.readText();
    }

    private String sign(String subject, String channel) throws IOException {
        String script = PAGE.blocks("js").get(0).text()
                + "\nconsole.log(subscriptionToken(process.argv[2], process.argv[3], process.argv[4], 60));\n";
        Path file = Files.writeString(folder.resolve("sign.mjs"), script);
        try (Command node = Command.start("node", file.toString(), SECRET, subject, channel)) {
            assertThat(node.exitCode()).as(node.text()).isZero();
            return node.text().strip();
        }
    }
}
