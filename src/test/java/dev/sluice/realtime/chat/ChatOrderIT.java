package dev.sluice.realtime.chat;

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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What is sent without waiting for answers happens in its order, and what waits is bounded. */
class ChatOrderIT {
    private static final int ROUNDS = 5;
    /** Kilobytes of each of several messages that have to wait. */
    private static final int LARGE = 30;
    /** Many more messages than the errors that a client may make. */
    private static final int MANY = 100;

    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        database.execute("""
                CREATE FUNCTION public.may_wait(subject text, claims jsonb, channel text) RETURNS boolean
                LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(47); RETURN true; END $$""");
        server = TestServer.demo(database)
                .set("namespace.asked.subscribe-function", "public.may_wait")
                .set("namespace.guarded.publish-function", "public.may_wait")
                .set("realtime.message-rate", "0")
                .set("realtime.publish-rate", "0")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @RepeatedTest(ROUNDS)
    void whoSaysSomethingAndLeavesHasSaidItBefore(RepetitionInfo round) {
        String room = "left" + round.getCurrentRepetition();
        try (ChatClient ben = ChatClient.open(server)) {
            ben.join("Ben", room);
            try (ChatClient ann = ChatClient.open(server)) {
                ann.join("Ann", room);
                ben.expect("chat:user_joined");
                ann.say("chat:message", "{\"text\":\"1\"}");
                ann.say("chat:message", "{\"text\":\"2\"}");
                ann.say("chat:leave", "{}", "left");

                assertThat(heard(ben)).containsExactly("1", "2", "left");
                assertThat(ann.expect("chat:message").path("text").asText()).isEqualTo("1");
                assertThat(ann.expect("chat:message").path("text").asText()).isEqualTo("2");
                assertThat(ann.next().path("ref").asText()).isEqualTo("left");
            }
        }
    }

    @RepeatedTest(ROUNDS)
    void whoSaysSomethingAndClosesHasSaidItToo(RepetitionInfo round) {
        String room = "closed" + round.getCurrentRepetition();
        try (ChatClient ben = ChatClient.open(server)) {
            ben.join("Ben", room);
            ChatClient ann = ChatClient.open(server);
            ann.say("chat:join", "{\"name\":\"Ann\",\"room\":\"" + room + "\"}");
            ann.say("chat:message", "{\"text\":\"hello\"}");
            ann.say("chat:message", "{\"text\":\"and goodbye\"}");
            ann.socket().sendClose(1000);

            assertThat(ben.expect("chat:user_joined").path("name").asText()).isEqualTo("Ann");
            assertThat(heard(ben)).containsExactly("hello", "and goodbye", "left");
            ann.close();
        }
    }

    /** The texts until somebody leaves. */
    private static List<String> heard(ChatClient who) {
        List<String> heard = new ArrayList<>();
        for (JsonNode frame = who.next(); ; frame = who.next()) {
            if (frame.path("type").asText().equals("chat:user_left")) {
                heard.add("left");
                return heard;
            }
            heard.add(frame.at("/payload/text").asText());
        }
    }

    @Test
    void whatWaitsForItsTurnIsCountedAndRefusedWhereItIsTooMuch() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                RawWebSocket socket = RawWebSocket.open(server.url("/ws"))) {
            statement.execute("SELECT pg_advisory_lock(47)");
            socket.readText("connected");
            socket.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"asked:a\"},\"id\":0}");
            publishLarge(socket, "live:a", 10);
            List<Integer> refused = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                JsonNode frame = Json.parse(socket.readText("too_many_requests"));
                refused.add(frame.path("ref").asInt());
            }
            assertThat(refused).containsExactly(5, 6, 7, 8, 9, 10);
            assertThat(waiting()).isBetween(4 * LARGE * 1024L, 128 * 1024L);

            statement.execute("SELECT pg_advisory_unlock(47)");
            List<Integer> done = IntStream.range(0, 5)
                    .map(i -> Json.parse(socket.readText()).path("ref").asInt())
                    .boxed()
                    .toList();
            assertThat(done).containsExactly(0, 1, 2, 3, 4);
            await().atMost(Duration.ofMinutes(1)).until(() -> waiting() == 0);
        }
    }

    @Test
    void whatIsRefusedBecauseTheDatabaseIsSlowIsNobodysFault() throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                RawWebSocket socket = RawWebSocket.open(server.url("/ws"))) {
            statement.execute("SELECT pg_advisory_lock(47)");
            socket.readText("connected");
            publishLarge(socket, "guarded:a", MANY);
            for (int i = 9; i <= MANY; i++) {
                assertThat(Json.parse(socket.readText("too_many_requests"))
                                .path("ref")
                                .asInt())
                        .isEqualTo(i);
            }

            statement.execute("SELECT pg_advisory_unlock(47)");
            List<Integer> done = IntStream.range(0, 8)
                    .map(i -> Json.parse(socket.readText("\"ok\"")).path("ref").asInt())
                    .boxed()
                    .toList();
            assertThat(done).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
        }
    }

    private static void publishLarge(RawWebSocket socket, String channel, int times) {
        String data = "x".repeat(LARGE * 1024);
        for (int i = 1; i <= times; i++) {
            socket.text("{\"type\":\"channel:publish\",\"payload\":{\"channel\":\"" + channel + "\",\"data\":\"" + data
                    + "\"},\"id\":" + i + "}");
        }
    }

    private static long waiting() throws Exception {
        return Json.parse(ChatClient.send(server, "GET", "/api/stats", "").body())
                .at("/connections/incomingBytes")
                .asLong(-1);
    }
}
