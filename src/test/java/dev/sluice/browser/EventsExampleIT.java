package dev.sluice.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A page that listens to ticks as others write it for their own servers: here its address is changed, and nothing else. */
class EventsExampleIT {
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
    void theExampleHearsTheTime() throws IOException {
        String page = ExamplePage.read("events.html", "/api/events/stream", server.url("/api/events/stream"));
        List<String> log = new ArrayList<>();
        try (Tab tab = chromium.openToWrite(server.url())) {
            tab.page().onConsoleMessage(message -> log.add(message.text()));
            tab.write(page);
            tab.page().waitForCondition(() -> log.size() >= 2, new Page.WaitForConditionOptions().setTimeout(60_000));
            assertThat(log)
                    .doesNotHaveDuplicates()
                    .allMatch(line -> line.matches("\\{time: [-\\d]+T[:\\d]+\\.\\d{3}Z}"));
            assertThat(tab.complaints()).isEmpty();
        }
    }
}
