package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that come back to many channels, have missed much of each, and read slowly. */
class SlowReturnIT {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int CHANNELS = 32;
    private static final int MISSED = 7;
    private static final int RECEIVE_BUFFER = 32 * 1024;

    private static TestDatabase database;
    private static TestServer server;

    /** How the protocols say it; a channel's command has its number. */
    private enum Speech {
        OWN("/ws"),
        CENTRIFUGO("/connection/websocket");

        final String path;

        Speech(String path) {
            this.path = path;
        }

        RawWebSocket open() {
            RawWebSocket socket = RawWebSocket.openSmall(server.url(path), RECEIVE_BUFFER);
            if (this == CENTRIFUGO) {
                socket.text("{\"id\":1000,\"connect\":{}}");
            }
            socket.readText("connect");
            return socket;
        }

        String recover(int number, String epoch) {
            String place = "\"epoch\":\"" + epoch + "\",\"offset\":0";
            return this == OWN
                    ? "{\"type\":\"channel:subscribe\",\"id\":" + number + ",\"payload\":{\"channel\":\""
                            + channel(number) + "\",\"since\":{" + place + "}}}"
                    : "{\"id\":" + number + ",\"subscribe\":{\"channel\":\"" + channel(number) + "\",\"recover\":true,"
                            + place + "}}";
        }

        String leave(int id, int number) {
            return this == OWN
                    ? "{\"type\":\"channel:unsubscribe\",\"id\":" + id + ",\"payload\":{\"channel\":\""
                            + channel(number) + "\"}}"
                    : "{\"id\":" + id + ",\"unsubscribe\":{\"channel\":\"" + channel(number) + "\"}}";
        }

        String channel(int number) {
            return "missed:" + this + number;
        }
    }

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("namespace.missed.subscribe", "public")
                .set("namespace.missed.history-size", "100")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @ParameterizedTest
    @EnumSource(Speech.class)
    void theyGetEverythingOnceAndInOrderAndKeepNobodyWaiting(Speech speech) {
        for (int i = 1; i <= CHANNELS; i++) {
            publish(speech.channel(i), MISSED, 60_000);
        }
        Map<Integer, String> epochs = new TreeMap<>();
        try (RawWebSocket slow = speech.open();
                RawWebSocket other = speech.open();
                RawWebSocket asking = Speech.OWN.open()) {
            for (int i = 1; i <= CHANNELS; i++) {
                epochs.put(i, epoch(asking, speech.channel(i), MISSED));
            }
            recoverAll(speech, slow, epochs);
            recoverAll(speech, other, epochs);
            // Whoever reads has all of it while the slow one has begun with nothing.
            assertThat(read(speech, other, MISSED)).isEqualTo(all(speech, MISSED));
            for (int i = 1; i <= CHANNELS; i++) {
                publish(speech.channel(i), 1, 10);
            }

            assertThat(read(speech, slow, MISSED + 1)).isEqualTo(all(speech, MISSED + 1));
            assertThat(read(speech, other, 1).values()).allMatch(offsets -> offsets.equals(List.of(MISSED + 1L)));
        }
    }

    @Test
    void whoLeavesAChannelBeforeItsTurnIsNotInIt() {
        Speech speech = Speech.CENTRIFUGO;
        try (RawWebSocket asking = Speech.OWN.open();
                RawWebSocket slow = speech.open()) {
            Map<Integer, String> epochs = new TreeMap<>();
            for (int i = 101; i <= 100 + CHANNELS; i++) {
                publish(speech.channel(i), MISSED, 60_000);
                epochs.put(i, epoch(asking, speech.channel(i), MISSED));
            }
            int last = 100 + CHANNELS;
            recoverAll(speech, slow, epochs);
            slow.text(speech.leave(999, last));
            JsonNode answer = Json.parse(slow.readText("\"id\":" + last));
            assertThat(answer.has("error")).isTrue();
            publish(speech.channel(last), 1, 10);
            publish(speech.channel(last - 1), 1, 10);

            assertThat(slow.readText("\"push\"")).contains(speech.channel(last - 1));
        }
    }

    private static void publish(String channel, int count, int characters) {
        database.execute("SELECT sluice.publish('" + channel + "', to_jsonb(repeat('x', " + characters + ")))"
                + " FROM generate_series(1, " + count + ")");
    }

    /** Of a channel that has come to this offset. */
    private static String epoch(RawWebSocket asking, String channel, long offset) {
        String question = "{\"type\":\"history\",\"payload\":{\"channel\":\"" + channel + "\",\"limit\":0}}";
        JsonNode page = await().atMost(LONG)
                .until(
                        () -> {
                            asking.text(question);
                            return Json.parse(asking.readText()).path("payload");
                        },
                        answer -> answer.path("offset").asLong() == offset);
        return page.path("epoch").asText();
    }

    private static void recoverAll(Speech speech, RawWebSocket socket, Map<Integer, String> epochs) {
        epochs.forEach((number, epoch) -> socket.text(speech.recover(number, epoch)));
    }

    private static Map<String, List<Long>> all(Speech speech, long last) {
        Map<String, List<Long>> all = new HashMap<>();
        for (int i = 1; i <= CHANNELS; i++) {
            all.put(speech.channel(i), LongStream.rangeClosed(1, last).boxed().toList());
        }
        return all;
    }

    /** The offsets of each channel as they come, recovered or live, until there are so many of all. */
    private static Map<String, List<Long>> read(Speech speech, RawWebSocket socket, int each) {
        Map<String, List<Long>> read = new HashMap<>();
        for (int count = 0; count < CHANNELS * each; ) {
            JsonNode message = Json.parse(socket.readText());
            JsonNode body = message.has("push")
                    ? message.path("push")
                    : message.path(speech == Speech.OWN ? "payload" : "subscribe");
            String channel = body.has("channel")
                    ? body.path("channel").asText()
                    : speech.channel(message.path("id").asInt());
            List<Long> offsets = read.computeIfAbsent(channel, one -> new ArrayList<>());
            int before = offsets.size();
            body.path("publications")
                    .forEach(one -> offsets.add(one.path("offset").asLong()));
            if (body.has("publications")) {
                assertThat(body.path("recovered").asBoolean()).as(channel).isTrue();
            } else if (body.has("pub")) {
                offsets.add(body.at("/pub/offset").asLong());
            } else if (body.has("data")) {
                offsets.add(body.path("offset").asLong());
            }
            count += offsets.size() - before;
        }
        return read;
    }
}
