package dev.sluice.channel;

import static dev.sluice.channel.Eventually.await;
import static dev.sluice.channel.TestSubscriber.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Signal;
import dev.sluice.settings.ChannelSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Those who come one after another, for a moment, from what was read for the first of them. */
class HeldReadingTest {
    private static final String CHANNEL = "kept:a";

    private final ChannelSettings settings = Node.settings(Map.of(
            "sluice.namespace.small.subscribe", "public",
            "sluice.namespace.small.publish", "public",
            "sluice.namespace.small.history-size", "2"));
    private final MemoryBroker broker = Node.broker(settings);
    private final ManualClock clock = new ManualClock();
    private final Node node = new Node(broker, clock, settings);
    private int clients;

    @BeforeEach
    void publishThree() {
        publish(1, 3);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void many_who_come_one_after_another_share_a_reading_and_miss_nothing() {
        List<TestSubscriber> all = new ArrayList<>();
        for (int i = 4; i <= 53; i++) {
            TestSubscriber one = connect();
            all.add(one);
            Subscribed answer = node.ask(one, recover(1)).get();
            assertThat(answer.recovered()).isTrue();
            assertThat(offsets(answer.publications())).isEqualTo(range(2, i - 1));
            publish(i, i);
        }
        assertThat(broker.readings()).isEqualTo(1);
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).events(Event.Message.class))
                    .extracting(message -> message.publication().position().offset())
                    .isEqualTo(range(4 + i, 53));
        }
    }

    @Test
    void the_newest_come_from_it_as_well() {
        assertThat(offsets(newest(2))).containsExactly(2L, 3L);
        publish(4, 4);
        assertThat(offsets(newest(3))).containsExactly(2L, 3L, 4L);
        assertThat(offsets(newest(300))).containsExactly(1L, 2L, 3L, 4L);
        assertThat(broker.readings()).isEqualTo(1);
    }

    @Test
    void a_reading_of_the_place_alone_is_no_reading_of_publications() {
        node.join("1", "ann", CHANNEL);
        assertThat(offsets(newest(2))).containsExactly(2L, 3L);
    }

    @Test
    void after_a_second_the_next_is_read_for() {
        recovered(1);
        clock.advance(Hub.READING_HELD.minusMillis(1));
        node.channels.sweep();
        recovered(1);
        assertThat(broker.readings()).isEqualTo(1);
        clock.advance(java.time.Duration.ofMillis(1));
        node.channels.sweep();
        recovered(1);
        assertThat(broker.readings()).isEqualTo(2);
    }

    @Test
    void who_needs_what_was_not_read_or_not_handed_in_yet_is_read_for() {
        publish(4, 310);
        assertThat(node.ask(connect(), recover(10)).get().publications()).hasSize(300);
        assertThat(node.ask(connect(), recover(9)).get().recovered()).isFalse();
        assertThat(broker.readings()).isEqualTo(2);

        broker.holdFeeds();
        publish(311, 311);
        Subscribed ahead = node.ask(connect(), recover(311)).get();
        assertThat(ahead.recovered()).isTrue();
        assertThat(ahead.position().offset()).isEqualTo(311);
        assertThat(broker.readings()).isEqualTo(3);
    }

    @Test
    void more_than_is_remembered_since_is_read() {
        recovered(1);
        publish(4, 304);
        assertThat(offsets(node.ask(connect(), recover(4)).get().publications()))
                .isEqualTo(range(5, 304));
        assertThat(broker.readings()).isEqualTo(1);
        publish(305, 310);
        assertThat(node.ask(connect(), recover(4)).get().recovered()).isFalse();
        assertThat(broker.readings()).isEqualTo(2);
    }

    @Test
    void what_is_replaced_or_forgotten_is_answered_no_more() {
        recovered(1);
        TestSubscriber.soon(Node.future(node.channels.replace(CHANNEL, 2, "null")));
        assertThat(newest(2)).extracting(Publication::data).containsExactly("null", "3");
        TestSubscriber.soon(Node.future(node.channels.forget(CHANNEL)));
        assertThat(newest(2)).isEmpty();
        assertThat(node.ask(connect(), recover(1)).get().recovered()).isFalse();
    }

    @Test
    void what_is_replaced_during_a_reading_is_not_held() {
        broker.holdReadings();
        TestSubscriber.Answer before = node.ask(connect(), recover(1));
        TestSubscriber.soon(Node.future(node.channels.replace(CHANNEL, 2, "null")));
        TestSubscriber.Answer after = node.ask(connect(), recover(1));
        broker.releaseOneReading();
        assertThat(before.get().publications()).extracting(Publication::data).containsExactly("2", "3");
        await(() -> broker.heldReadings() == 1);
        broker.releaseReadings();
        assertThat(after.get().publications()).extracting(Publication::data).containsExactly("null", "3");
    }

    @Test
    void after_a_loss_nothing_of_before_is_used() {
        stayElsewhere();
        recovered(1);
        broker.publishUnheard(CHANNEL, "4");
        broker.tellLoss();
        assertThat(offsets(newest(2))).containsExactly(3L, 4L);
    }

    @Test
    void after_the_stream_was_made_anew_nothing_of_the_old_one_is_in_the_way() {
        stayElsewhere();
        recovered(1);
        publish(4, 10);
        broker.recreate(CHANNEL, "e2");
        broker.publishUnheard(CHANNEL, "1");
        broker.publishUnheard(CHANNEL, "2");
        broker.tellLoss();
        assertThat(newest(50)).extracting(Publication::data).containsExactly("1", "2");
        Subscribed all = node.ask(connect(), SubscribeRequest.to(CHANNEL).withSince(new Position("e2", 0)))
                .get();
        assertThat(all.recovered()).isTrue();
        assertThat(offsets(all.publications())).containsExactly(1L, 2L);
    }

    @Test
    void a_reading_that_began_before_a_loss_is_repeated() {
        stayElsewhere();
        broker.holdReadings();
        TestSubscriber.Answer before = node.ask(connect(), recover(1));
        broker.publishUnheard(CHANNEL, "4");
        broker.tellLoss();
        assertThat(before.isRefused()).isTrue();
        TestSubscriber.Answer after = node.ask(connect(), recover(3));
        assertThat(broker.heldReadings()).isEqualTo(1);
        broker.releaseOneReading();
        await(() -> broker.heldReadings() == 1);
        assertThat(after.isDone()).isFalse();
        broker.releaseReadings();
        assertThat(offsets(after.get().publications())).containsExactly(4L);
    }

    @Test
    void no_more_is_answered_than_history_holds() {
        String small = "small:a";
        node.publish(small, "1");
        node.ask(connect(), SubscribeRequest.to(small).withRecent(2)).get();
        IntStream.rangeClosed(2, 5).forEach(i -> node.publish(small, Integer.toString(i)));
        Subscribed answer =
                node.ask(connect(), SubscribeRequest.to(small).withRecent(50)).get();
        assertThat(offsets(answer.publications())).containsExactly(4L, 5L);
    }

    @Test
    void who_asks_again_hears_so_when_its_subscription_ends_meanwhile() {
        TestSubscriber ann = node.join("only", "ann", CHANNEL);
        broker.holdReadings();
        TestSubscriber.Answer again =
                node.ask(ann, SubscribeRequest.to(CHANNEL).withRecent(2).allowingAgain());
        assertThat(again.isDone()).isFalse();
        node.channels.unsubscribe(ann, CHANNEL);
        assertThat(again.refusal()).isEqualTo(ChannelException.Reason.NOT_AVAILABLE);
    }

    @Test
    void who_asks_again_is_answered_up_to_where_it_stands() {
        TestSubscriber ann = connect();
        node.ask(ann, recover(1)).get();
        publish(4, 4);
        Subscribed again = node.ask(ann, recover(2).allowingAgain()).get();
        assertThat(offsets(again.publications())).containsExactly(3L, 4L);
    }

    /** Somebody of another node is in the channel, so that it outlives a loss here. */
    private void stayElsewhere() {
        Member member = new Member("elsewhere/1", "stays", "stays", "", "");
        broker.signal(new Signal(
                "elsewhere",
                CHANNEL,
                Signals.JOIN,
                Signals.members(List.of(member)).get(0)));
        await(() -> node.channels.presence(CHANNEL, 0).count().users() == 1);
    }

    private void publish(int from, int to) {
        IntStream.rangeClosed(from, to).forEach(i -> node.publish(CHANNEL, Integer.toString(i)));
    }

    private TestSubscriber connect() {
        String name = "c" + clients++;
        return node.connect(name, name);
    }

    private void recovered(long since) {
        assertThat(node.ask(connect(), recover(since)).get().recovered()).isTrue();
    }

    private List<Publication> newest(int count) {
        return node.ask(connect(), SubscribeRequest.to(CHANNEL).withRecent(count))
                .get()
                .publications();
    }

    private static SubscribeRequest recover(long offset) {
        return SubscribeRequest.to(CHANNEL).withSince(new Position("e1", offset));
    }

    private static List<Long> range(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }
}
