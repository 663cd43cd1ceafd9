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

/** A chat client as others write it for their own servers: it works here when its address is changed, and nothing else. */
class ChatExampleIT {
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
                "chat.html", "ws://localhost:3001", server.url("/ws").replaceFirst("^http", "ws"));
        List<String> log = new ArrayList<>();
        try (Tab tab = chromium.openToWrite(server.url());
                RawWebSocket ben = RawWebSocket.open(server.url("/ws"))) {
            tab.page().onConsoleMessage(message -> log.add(message.text()));
            tab.write(page);
            waitFor(tab.page(), log, "Joined!");
            ben.text("{\"type\":\"chat:join\",\"payload\":{\"name\":\"Ben\",\"room\":\"lobby\"}}");
            assertThat(ben.readText("chat:joined")).contains("\"Alice\"");
            tab.page().evaluate("sendMessage('<b>hello</b>')");
            assertThat(ben.readText("chat:message")).contains("<b>hello</b>");
            waitFor(tab.page(), log, "Alice: <b>hello</b>");
            ben.text("{\"type\":\"chat:message\",\"payload\":{\"text\":\"hello Alice\"}}");
            waitFor(tab.page(), log, "Ben: hello Alice");
            assertThat(tab.complaints()).isEmpty();
        }
    }

    private static void waitFor(Page page, List<String> log, String beginning) {
        page.waitForCondition(
                () -> log.stream().anyMatch(line -> line.startsWith(beginning)),
                new Page.WaitForConditionOptions().setTimeout(60_000));
    }
}
