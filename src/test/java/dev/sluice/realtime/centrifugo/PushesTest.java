package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.channel.Event;
import dev.sluice.channel.Member;
import java.util.List;
import org.junit.jupiter.api.Test;

class PushesTest {
    private static final Member ANN = new Member("c", "u", "", "");
    private static final Member BEN = new Member("d", "v", "Ben", "{\"seat\":7}");
    private static final Event.Count COUNT = new Event.Count(1, 1);

    @Test
    void publications() {
        Publication publication =
                new Publication("chat:1", new Position("aB3x", 42), "", "{}", ANN.json(), 1_700_000_000_000L);
        assertThat(text(new Event.Message(publication)))
                .isEqualTo("{\"push\":{\"channel\":\"chat:1\",\"pub\":{\"data\":{},\"offset\":42,"
                        + "\"info\":{\"user\":\"u\",\"client\":\"c\"}}}}");
        assertThat(text(new Event.Message(new Publication("chat:1", Position.NONE, "update", "[1]", "", 0))))
                .isEqualTo("{\"push\":{\"channel\":\"chat:1\",\"pub\":{\"data\":[1],"
                        + "\"tags\":{\"event\":\"update\"}}}}");
    }

    @Test
    void whoComesAndGoes() {
        assertThat(text(new Event.Joined(ANN, true, COUNT)))
                .isEqualTo("{\"push\":{\"channel\":\"chat:1\",\"join\":{\"info\":{\"user\":\"u\",\"client\":\"c\"}}}}");
        assertThat(text(new Event.Left(BEN, true, COUNT)))
                .isEqualTo("{\"push\":{\"channel\":\"chat:1\",\"leave\":{\"info\":{\"user\":\"v\",\"client\":\"d\","
                        + "\"conn_info\":{\"name\":\"Ben\"},\"chan_info\":{\"seat\":7}}}}}");
    }

    @Test
    void manyAtOnceAreMessagesOfOneFrame() {
        Event.Change change = new Event.Change(List.of(ANN), List.of(BEN));
        assertThat(text(new Event.PresenceChanged(change, change, COUNT)))
                .isEqualTo(text(new Event.Joined(ANN, true, COUNT)) + "\n" + text(new Event.Left(BEN, true, COUNT)));
    }

    @Test
    void endsOfSubscriptions() {
        assertThat(text(new Event.Unsubscribed(Event.Cause.SERVER)))
                .isEqualTo("{\"push\":{\"channel\":\"chat:1\",\"unsubscribe\":{\"code\":2000,"
                        + "\"reason\":\"server unsubscribe\"}}}");
        assertThat(text(new Event.Unsubscribed(Event.Cause.PERMISSION))).contains("\"code\":2000");
        assertThat(text(new Event.Unsubscribed(Event.Cause.EXPIRED))).contains("\"code\":2501");
        assertThat(text(new Event.Lost())).contains("\"code\":2500");
    }

    @Test
    void typingIsNotTold() {
        assertThat(text(new Event.Typing(ANN, true))).isEmpty();
    }

    private static String text(Event.Kind kind) {
        return Pushes.text("chat:1", kind);
    }
}
