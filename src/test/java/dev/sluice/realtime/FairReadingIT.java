package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that want to read more than their share: others are answered meanwhile. */
class FairReadingIT {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int WISHES = 20;
    private static final int PAGES = 100;
    private static final int LARGE = 30;
    private static final String LARGE_CHANNEL = "asked:large";

    private static TestDatabase database;
    private static TestServer server;

    /** How the protocols say it. */
    private enum Speech {
        OWN,
        CENTRIFUGO;

        RawWebSocket open() {
            RawWebSocket socket = RawWebSocket.open(server.url(this == OWN ? "/ws" : "/connection/websocket"));
            if (this == CENTRIFUGO) {
                socket.text("{\"id\":1,\"connect\":{}}");
            }
            socket.readText("connect");
            return socket;
        }

        String history(int id, String channel, int limit) {
            return say(id, "history", "\"channel\":\"" + channel + "\",\"limit\":" + limit);
        }

        String recover(int id, String channel, String epoch, long offset) {
            String place = "\"epoch\":\"" + epoch + "\",\"offset\":" + offset;
            return this == OWN
                    ? say(id, "channel:subscribe", "\"channel\":\"" + channel + "\",\"since\":{" + place + "}")
                    : say(id, "subscribe", "\"channel\":\"" + channel + "\",\"recover\":true," + place);
        }

        String ping(int id) {
            return say(id, "ping", "");
        }

        String pong() {
            return this == OWN ? "\"pong\"" : "\"ping\"";
        }

        private String say(int id, String method, String params) {
            return this == OWN
                    ? "{\"type\":\"" + method + "\",\"id\":" + id + ",\"payload\":{" + params + "}}"
                    : "{\"id\":" + id + ",\"" + method + "\":{" + params + "}}";
        }
    }

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        database.execute("""
                CREATE FUNCTION public.may_listen(subject text, claims jsonb, channel text) RETURNS boolean
                LANGUAGE plpgsql AS $$
                BEGIN
                    IF channel LIKE 'asked:slow%' THEN PERFORM pg_catalog.pg_advisory_xact_lock(4711); END IF;
                    RETURN true;
                END $$""");
        server = TestServer.demo(database)
                .set("namespace.asked.subscribe-function", "public.may_listen")
                .set("namespace.asked.history-size", "100")
                // Who has asked for so much is not too slow for it.
                .set("realtime.outbox-bytes", "128M")
                .set("realtime.outbox-age", "10m")
                .start();
        database.execute("SELECT sluice.publish('" + LARGE_CHANNEL + "', to_jsonb(repeat('x', 60000)))"
                + " FROM generate_series(1, " + LARGE + ")");
        try (RawWebSocket socket = Speech.OWN.open()) {
            await().atMost(LONG).until(() -> page(socket, 0, "").path("offset").asInt() == LARGE);
        }
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @ParameterizedTest
    @EnumSource(Speech.class)
    void whoseAnswersTakeLongWaitsForThemAlone(Speech speech) throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                RawWebSocket greedy = speech.open();
                RawWebSocket other = speech.open()) {
            statement.execute("SELECT pg_advisory_lock(4711)");
            for (int i = 0; i < WISHES; i++) {
                // Each its own channels: answers of the function are kept.
                greedy.text(speech.history(10 + i, "asked:slow" + speech + i, 1));
            }
            greedy.text(speech.ping(2));
            greedy.readText(speech.pong());
            other.text(speech.history(2, "asked:free", 1));
            assertThat(other.readText()).contains("publications");

            statement.execute("SELECT pg_advisory_unlock(4711)");
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < WISHES; i++) {
                answers.add(greedy.readText());
            }
            // Those that were not begun yet have not waited for so long that they failed.
            assertThat(answers.get(WISHES - 1)).contains("publications");
        }
    }

    @ParameterizedTest
    @EnumSource(Speech.class)
    void whoReadsManyLargePagesKeepsNobodyFromBeingRecovered(Speech speech) throws Exception {
        try (RawWebSocket greedy = speech.open();
                RawWebSocket other = speech.open()) {
            String epoch = page(0, "").path("epoch").asText();
            AtomicInteger read = new AtomicInteger();
            AtomicInteger meanwhile = new AtomicInteger(PAGES);
            Thread reader = new Thread(() -> {
                for (int i = 0; i <= PAGES; i++) {
                    if (greedy.readText().contains("publications")) {
                        read.incrementAndGet();
                    } else {
                        meanwhile.set(read.get());
                    }
                }
            });
            reader.start();
            for (int i = 0; i < PAGES; i++) {
                greedy.text(speech.history(10 + i, LARGE_CHANNEL, 300));
            }
            other.text(speech.recover(2, LARGE_CHANNEL, epoch, LARGE - 5));
            String answer = other.readText();
            // What the server had answered by then lies before the answer to this.
            greedy.text(speech.ping(3));

            assertThat(Json.parse(answer).findValue("recovered").asBoolean()).isTrue();
            assertThat(answer.length()).isGreaterThan(5 * 60_000);
            reader.join(LONG.toMillis());
            assertThat(read).hasValue(PAGES);
            assertThat(meanwhile.get()).isLessThan(PAGES / 2);
        }
    }

    @Test
    void pagesOfLargePublicationsFollowEachOtherWithoutGap() {
        List<Long> offsets = new ArrayList<>();
        JsonNode page = page(300, "");
        String epoch = page.path("epoch").asText();
        while (!page.path("publications").isEmpty()) {
            assertThat(page.path("publications").size()).isLessThan(LARGE / 2);
            page.path("publications")
                    .forEach(one -> offsets.add(one.path("offset").asLong()));
            String since =
                    ",\"since\":{\"epoch\":\"" + epoch + "\",\"offset\":" + offsets.get(offsets.size() - 1) + "}";
            page = page(300, since);
        }
        assertThat(offsets).isEqualTo(LongStream.rangeClosed(1, LARGE).boxed().toList());
    }

    private static JsonNode page(int limit, String since) {
        try (RawWebSocket socket = Speech.OWN.open()) {
            return page(socket, limit, since);
        }
    }

    private static JsonNode page(RawWebSocket socket, int limit, String since) {
        socket.text("{\"type\":\"history\",\"payload\":{\"channel\":\"" + LARGE_CHANNEL + "\",\"limit\":" + limit
                + since + "}}");
        return Json.parse(socket.readText()).path("payload");
    }
}
