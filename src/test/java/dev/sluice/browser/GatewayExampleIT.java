package dev.sluice.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The other side of a gateway as others write it for their own servers: here its address is changed, and nothing else. */
class GatewayExampleIT {
    private static TestDatabase database;
    private static TestServer server;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database).start();
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        server.close();
        database.close();
    }

    @Test
    void theExampleJoinsTalksAndHears() throws IOException {
        String page = ExamplePage.read(
                "gateway.html", "ws://localhost:3000", server.url("/ws/gateway").replaceFirst("^http", "ws"));
        List<String> log = new ArrayList<>();
        try (Tab tab = chromium.openToWrite(server.url());
                RawWebSocket ben = RawWebSocket.open(server.url("/ws/gateway"))) {
            tab.page().onConsoleMessage(message -> log.add(message.text()));
            tab.write(page);
            waitFor(tab.page(), log, "join Alice: Alice joined");
            assertThat(ben.readText("\"chat\"")).contains("\"type\":\"join\"", "\"user\":\"Alice\"");
            tab.page().evaluate("sendMessage('<b>hello</b>')");
            waitFor(tab.page(), log, "message Alice: <b>hello</b>");
            ben.text(
                    "{\"type\":\"message\",\"payload\":{\"type\":\"message\",\"user\":\"Ben\",\"text\":\"hello Alice\"}}");
            waitFor(tab.page(), log, "message Ben: hello Alice");
            assertThat(tab.complaints()).isEmpty();
            tab.close();
            assertThat(ben.readText("\"leave\"")).contains("Alice left");
        }
    }

    private static void waitFor(Page page, List<String> log, String line) {
        page.waitForCondition(() -> log.contains(line), new Page.WaitForConditionOptions().setTimeout(60_000));
    }
}
