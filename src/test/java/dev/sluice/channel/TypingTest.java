package dev.sluice.channel;

import static dev.sluice.channel.Eventually.await;
import static dev.sluice.channel.Eventually.eventually;
import static dev.sluice.channel.TestSubscriber.refusalOf;
import static dev.sluice.channel.TestSubscriber.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.channel.Event.Typing;
import dev.sluice.settings.ChannelSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who types: told once, forgotten after a while, never kept. */
class TypingTest {
    private static final String ROOM = "loose:room";
    private static final Member BOB = new Member("b", "bob", "name of bob", "");

    private final ChannelSettings settings = Node.settings(Map.of(
            "sluice.namespace.mute.subscribe", "public",
            "sluice.namespace.mute.publish", "public",
            "sluice.namespace.mute.typing-ttl", "0",
            "sluice.namespace.hushed.subscribe", "public"));
    private final MemoryBroker broker = Node.broker(settings);
    private final ManualClock clock = new ManualClock();
    private final Node node = new Node(broker, clock, settings);
    private final Node other = new Node(broker, clock, settings);
    private final TestSubscriber ann = node.connect("a", "ann");
    private final TestSubscriber far = other.connect("f", "far");
    private final TestSubscriber bob = node.connect("b", "bob");

    @BeforeEach
    void join() {
        await(() -> broker.signals() >= 4);
        node.subscribe(ann, ROOM);
        other.subscribe(far, ROOM);
        node.subscribe(bob, ROOM);
        await(() -> other.channels.presence(ROOM, 0).count().users() == 3
                && node.channels.presence(ROOM, 0).count().users() == 3);
    }

    @AfterEach
    void close() {
        node.close();
        other.close();
    }

    @Test
    void all_members_on_all_nodes_are_told_once() {
        type(bob, true);
        type(bob, true);

        assertThat(ann.events(Typing.class)).containsExactly(new Typing(BOB, true));
        hears(far, new Typing(BOB, true));
    }

    @Test
    void it_is_over_when_its_time_is() {
        type(bob, true);
        clock.advance(Duration.ofMillis(4_999));
        sweep();
        assertThat(ann.events(Typing.class)).hasSize(1);
        assertThat(far.events(Typing.class)).hasSize(1);
        clock.advance(Duration.ofMillis(1));
        sweep();
        sweep();

        assertThat(ann.events(Typing.class)).containsExactly(new Typing(BOB, true), new Typing(BOB, false));
        hears(far, new Typing(BOB, true), new Typing(BOB, false));
    }

    @Test
    void who_goes_on_typing_is_told_to_other_nodes_now_and_then_alone() {
        type(bob, true);
        int signals = broker.signals();
        for (int i = 0; i < 40; i++) {
            clock.advance(Duration.ofMillis(500));
            type(bob, true);
            sweep();
        }
        assertThat(ann.events(Typing.class)).hasSize(1);
        assertThat(far.events(Typing.class)).hasSize(1);
        assertThat(broker.signals() - signals).isBetween(6, 10);
    }

    @Test
    void saying_so_ends_it() {
        type(bob, true);
        type(bob, false);
        type(bob, false);

        assertThat(ann.events(Typing.class)).containsExactly(new Typing(BOB, true), new Typing(BOB, false));
        hears(far, new Typing(BOB, true), new Typing(BOB, false));
    }

    @Test
    void leaving_ends_it() {
        type(bob, true);
        node.channels.disconnect(bob);

        assertThat(ann.events(Typing.class)).endsWith(new Typing(BOB, false));
        hears(far, new Typing(BOB, true), new Typing(BOB, false));
    }

    @Test
    void publishing_ends_it() {
        type(bob, true);
        soon(Node.future(node.channels.publish(bob, new PublishRequest(ROOM, "1"))));

        assertThat(ann.events(Typing.class)).endsWith(new Typing(BOB, false));
        hears(far, new Typing(BOB, true), new Typing(BOB, false));
    }

    @Test
    void a_user_with_two_connections_types_once() {
        TestSubscriber tab = node.join("b2", "bob", ROOM);
        type(bob, true);
        type(tab, true);
        node.channels.disconnect(bob);
        assertThat(ann.events(Typing.class)).containsExactly(new Typing(BOB, true));
        node.channels.disconnect(tab);
        assertThat(ann.events(Typing.class)).hasSize(2);
    }

    @Test
    void only_members_who_may_publish_type_and_only_where_it_is_told() {
        TestSubscriber cid = node.connect("c", "cid");
        assertThat(refusal(cid, ROOM)).isEqualTo(Reason.NOT_AVAILABLE);
        node.subscribe(cid, "mute:a");
        assertThat(refusal(cid, "mute:a")).isEqualTo(Reason.NOT_AVAILABLE);
        node.subscribe(cid, "hushed:a");
        assertThat(refusal(cid, "hushed:a")).isEqualTo(Reason.PERMISSION_DENIED);
        cid.become(TestSubscriber.callerWith("cid", Map.of("scope", "read")));
        node.subscribe(cid, ROOM);
        assertThat(refusal(cid, ROOM)).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(ann.events(Typing.class)).isEmpty();
    }

    private static void hears(TestSubscriber who, Typing... events) {
        eventually(() -> assertThat(who.events(Typing.class)).containsExactly(events));
    }

    private Reason refusal(TestSubscriber who, String channel) {
        return refusalOf(Node.future(node.channels.typing(who, channel, true)));
    }

    private void type(TestSubscriber who, boolean typing) {
        CompletableFuture<Void> told = Node.future(node.channels.typing(who, ROOM, typing));
        soon(told.thenApply(done -> true));
    }

    private void sweep() {
        node.channels.sweep();
        other.channels.sweep();
    }
}
