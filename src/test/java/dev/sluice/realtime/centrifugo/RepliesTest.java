package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.channel.ChannelException;
import dev.sluice.channel.Event;
import dev.sluice.channel.Member;
import dev.sluice.channel.Presence;
import dev.sluice.channel.Subscribed;
import dev.sluice.http.Json;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RepliesTest {
    private static final Member ANN = new Member("c", "u", "", "");
    private static final Position TOP = new Position("aB3x", 41);

    @Test
    void aConnectionBegins() {
        JsonNode reply = Json.parse(Replies.reply(
                1,
                Command.Method.CONNECT,
                Replies.connected("id", Optional.of(Duration.ofSeconds(625)), List.of(), 25, "n")));
        ((ObjectNode) reply.get("connect")).remove(List.of("version", "session"));
        assertThat(reply)
                .isEqualTo(Json.parse("{\"id\":1,\"connect\":{\"client\":\"id\",\"expires\":true,\"ttl\":600,"
                        + "\"ping\":25,\"pong\":true,\"node\":\"n\"}}"));
    }

    @Test
    void itsSubscriptionsComeWithIt() {
        String text =
                Replies.connected("id", Optional.empty(), List.of(subscribed(true, false, false, List.of())), 25, "n");
        assertThat(Json.parse(text).get("subs").toString())
                .isEqualTo("{\"chat:1\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"aB3x\",\"offset\":41}}");
        assertThat(Json.parse(text).has("expires")).isFalse();
    }

    @Test
    void aSubscriptionBegins() {
        assertThat(Replies.reply(
                        2,
                        Command.Method.SUBSCRIBE,
                        Replies.subscribed(subscribed(true, false, false, List.of(publication(41))))))
                .isEqualTo("{\"id\":2,\"subscribe\":{\"recoverable\":true,\"positioned\":true,"
                        + "\"epoch\":\"aB3x\",\"offset\":41}}");
        assertThat(Replies.subscribed(subscribed(false, false, false, List.of())))
                .isEqualTo("{}");
    }

    @Test
    void itIsRecoveredOrNot() {
        assertThat(Replies.subscribed(subscribed(true, true, true, List.of(publication(40), publication(41)))))
                .isEqualTo("{\"recoverable\":true,\"positioned\":true,\"epoch\":\"aB3x\",\"offset\":41,"
                        + "\"was_recovering\":true,\"recovered\":true,\"publications\":["
                        + "{\"data\":{},\"offset\":40,\"info\":{\"user\":\"u\",\"client\":\"c\"}},"
                        + "{\"data\":{},\"offset\":41,\"info\":{\"user\":\"u\",\"client\":\"c\"}}]}");
        assertThat(Replies.subscribed(subscribed(true, true, false, List.of())))
                .isEqualTo("{\"recoverable\":true,\"positioned\":true,\"epoch\":\"aB3x\",\"offset\":41,"
                        + "\"was_recovering\":true}");
    }

    @Test
    void presenceAndHistory() {
        Presence presence = new Presence(List.of(ANN), List.of(ANN), new Event.Count(1, 2));
        assertThat(Replies.reply(4, Command.Method.PRESENCE, Replies.presence(presence)))
                .isEqualTo("{\"id\":4,\"presence\":{\"presence\":{\"c\":{\"user\":\"u\",\"client\":\"c\"}}}}");
        assertThat(Replies.reply(5, Command.Method.PRESENCE_STATS, Replies.presenceStats(presence.count())))
                .isEqualTo("{\"id\":5,\"presence_stats\":{\"num_clients\":2,\"num_users\":1}}");
        assertThat(Replies.history(new History(TOP, List.of())))
                .isEqualTo("{\"publications\":[],\"epoch\":\"aB3x\",\"offset\":41}");
    }

    @Test
    void errorsHaveTheirCodes() {
        assertThat(Replies.error(7, new FaultException(Fault.INTERNAL, "no")))
                .isEqualTo("{\"id\":7,\"error\":{\"code\":100,\"message\":\"internal server error\","
                        + "\"detail\":\"no\",\"temporary\":true}}");
        assertThat(Replies.error(7, new FaultException(Fault.NOT_AVAILABLE, "a \"b\"")))
                .isEqualTo("{\"id\":7,\"error\":{\"code\":108,\"message\":\"not available\","
                        + "\"detail\":\"a \\\"b\\\"\"}}");
        assertThat(Replies.error(7, new FaultException(Fault.ALREADY_SUBSCRIBED)))
                .isEqualTo("{\"id\":7,\"error\":{\"code\":105,\"message\":\"already subscribed\"}}");
        assertThat(Replies.error(7, FaultException.of(new RpcException(444, "not today"))))
                .isEqualTo("{\"id\":7,\"error\":{\"code\":444,\"message\":\"not today\"}}");
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (ChannelException.Reason reason : ChannelException.Reason.values()) {
            faults.add(Fault.of(new ChannelException(reason, "")));
        }
        assertThat(EnumSet.complementOf(EnumSet.copyOf(faults)))
                .containsExactly(Fault.UNAUTHORIZED, Fault.METHOD_NOT_FOUND);
    }

    @Test
    void clientsHaveTimeForANewToken() {
        assertThat(Replies.ttl(Duration.ofHours(1))).isEqualTo(3575);
        assertThat(Replies.ttl(Duration.ofMinutes(1))).isEqualTo(54);
        assertThat(Replies.ttl(Duration.ofSeconds(5))).isEqualTo(4);
        assertThat(Replies.ttl(Duration.ofMillis(10))).isEqualTo(1);
    }

    private static Subscribed subscribed(
            boolean recoverable, boolean wasRecovering, boolean recovered, List<Publication> publications) {
        return new Subscribed(
                "chat:1",
                ANN,
                recoverable ? TOP : Position.NONE,
                recoverable,
                wasRecovering,
                recovered,
                publications,
                new Presence(List.of(), List.of(), new Event.Count(0, 0)),
                Optional.empty(),
                false);
    }

    private static Publication publication(long offset) {
        return new Publication("chat:1", new Position("aB3x", offset), "", "{}", ANN.json(), 0);
    }
}
