package dev.sluice.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.sluice.support.CuttingProxy;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /client/react.js}: with a component that others wrote, and with one that uses all of it. */
class ReactHooksIT {
    private static final Path EXAMPLE = Path.of("src/test/resources/seeds/ChatRoom.tsx");

    private static final String MOUNT = """
            import { createElement } from 'react';
            import { createRoot } from 'react-dom/client';
            import { SluiceProvider, useRealtime } from '/client/react.js';
            import { ChatRoom } from '/react/component.js';
            const root = createRoot(document.getElementById('root'));
            const Watch = () => {
              const { client } = useRealtime();
              window.client = client;
              return null;
            };
            window.unmount = () => root.unmount();
            root.render(createElement(SluiceProvider, %s, createElement(Watch), createElement(ChatRoom)));
            """;

    private static final String HOOKS = """
            import { createElement as h, StrictMode, useState } from 'react';
            import { createRoot } from 'react-dom/client';
            import { useChannel, usePresence, useRealtime, useRoom, useTyping } from '/client/react.js';
            const App = () => {
              const { state, send, client } = useRealtime();
              const [heard, setHeard] = useState([]);
              const { recovered } = useChannel('demo:hooks', ({ data, offset }) => setHeard((all) => [...all, `${offset} ${data}`]));
              const { members, memberCount } = usePresence('demo:hooks');
              const { typing, setTyping } = useTyping('demo:hooks');
              const room = useRoom('hooks', { name: 'Rea' });
              window.app = { send, setTyping, room, client };
              const line = (id, text) => h('p', { id, key: id }, String(text));
              return [
                line('state', state), line('heard', heard.join(', ')), line('recovered', recovered),
                line('members', `${members.length} of ${memberCount}`), line('typing', typing.map(({ name }) => name).join()),
                line('room', room.messages.map(({ from, text, status }) => `${from}: ${text} ${status}`).join(', ')),
                line('people', room.members.map(({ name }) => name).join(', ')),
              ];
            };
            const root = createRoot(document.getElementById('root'));
            window.unmount = () => root.unmount();
            root.render(h(StrictMode, null, h(App)));
            """;

    private static TestDatabase database;
    private static TestServer server;
    private static Chromium chromium;
    private static ReactApp react;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("namespace.chat.subscribe", "public")
                .set("namespace.chat.publish", "public")
                .start();
        chromium = Chromium.start();
        react = ReactApp.of(EXAMPLE);
    }

    @AfterAll
    static void stop() {
        chromium.close();
        server.close();
        database.close();
    }

    @Test
    void theExampleTalksThroughTheGateway() {
        List<String> log = new ArrayList<>();
        try (Tab tab = example("{ url: '/ws/gateway' }", log);
                RawWebSocket ben = RawWebSocket.open(server.url("/ws/gateway"))) {
            tab.page().waitForFunction("() => window.client.status.state === 'connected'");
            tab.find("button").click();
            assertThat(ben.readText("\"chat\"")).contains("\"user\":\"me\",\"text\":\"hi\"");
            waitFor(tab.page(), log, "me hi");
            ben.text(
                    "{\"type\":\"message\",\"payload\":{\"type\":\"message\",\"user\":\"Ben\",\"text\":\"<b>hello</b>\"}}");
            waitFor(tab.page(), log, "Ben <b>hello</b>");
            assertThat(tab.complaints()).isEmpty();
        }
    }

    @Test
    void theExampleTalksInAChannel() {
        List<String> log = new ArrayList<>();
        try (Tab tab = example("{}", log);
                Tab other = example("{}", new ArrayList<>())) {
            for (Tab one : List.of(tab, other)) {
                one.page().waitForFunction("() => window.client.channel('chat').value.state === 'subscribed'");
            }
            other.find("button").click();
            waitFor(tab.page(), log, "me hi");
            tab.page().evaluate("window.unmount()");
            tab.page().waitForFunction("() => window.client.status.state === 'closed'");
            assertThat(tab.complaints()).isEmpty();
        }
    }

    @Test
    void theHooksFollowChannelsAndRoomsOverABreak() {
        try (CuttingProxy network = CuttingProxy.inFrontOf(server.url());
                Tab tab = react.show(chromium.openToWrite(network.url()), "", HOOKS);
                RawWebSocket ben = RawWebSocket.open(server.url("/ws"))) {
            assertThat(tab.find("#state")).hasText("connected");
            assertThat(tab.find("#members")).hasText("1 of 1");
            ben.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"demo:hooks\"}}");
            assertThat(tab.find("#members")).hasText("2 of 2");
            ben.text("{\"type\":\"channel:typing\",\"payload\":{\"channel\":\"demo:hooks\",\"typing\":true}}");
            assertThat(tab.find("#typing")).hasText("Anonymous");
            tab.page().evaluate("window.app.send('demo:hooks', 'a')");
            assertThat(tab.find("#heard")).hasText("1 a");
            ben.text("{\"type\":\"chat:join\",\"payload\":{\"room\":\"hooks\",\"name\":\"Ben\"}}");
            assertThat(tab.find("#people")).hasText("Rea, Ben");
            tab.page().evaluate("window.app.room.send('hello')");
            assertThat(tab.find("#room")).hasText("Rea: hello sent");

            network.down();
            assertThat(tab.find("#state")).hasText("waiting");
            ben.text("{\"type\":\"channel:publish\",\"payload\":{\"channel\":\"demo:hooks\",\"data\":\"b\"}}");
            ben.readText("\"b\"");
            network.up();
            assertThat(tab.find("#heard")).hasText("1 a, 2 b");
            assertThat(tab.find("#recovered")).hasText("true");
            tab.page().evaluate("window.unmount()");
            tab.page().waitForFunction("() => window.app.client.status.state === 'closed'");
            ben.readText("chat:user_left");
        }
    }

    /** As it stands, but for the import; the last line hands it to the page. */
    private static Tab example(String properties, List<String> log) {
        String component = react.component();
        assertThat(component).contains("'@streetjs/react'");
        Tab tab = chromium.openToWrite(server.url());
        tab.page().onConsoleMessage(message -> log.add(message.text()));
        return react.show(
                tab,
                component.replace("'@streetjs/react'", "'/client/react.js'") + "\nexport { ChatRoom };",
                MOUNT.formatted(properties));
    }

    private static void waitFor(Page page, List<String> log, String line) {
        page.waitForCondition(() -> log.contains(line), new Page.WaitForConditionOptions().setTimeout(60_000));
    }
}
