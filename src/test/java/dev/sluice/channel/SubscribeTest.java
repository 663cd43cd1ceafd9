package dev.sluice.channel;

import static dev.sluice.channel.Eventually.await;
import static dev.sluice.channel.TestSubscriber.offsets;
import static dev.sluice.channel.TestSubscriber.refusalOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.settings.ChannelSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscribing, leaving and publishing, step by step, with two nodes on one broker. */
class SubscribeTest {
    private static final String CHANNEL = "kept:a";

    private final ChannelSettings settings = Node.settings(Map.of(
            "sluice.realtime.channels-per-connection", "3",
            "sluice.realtime.max-channels", "5",
            "sluice.namespace.few.subscribe", "public",
            "sluice.namespace.few.members", "2",
            "sluice.namespace.few.presence", "true",
            "sluice.namespace.few.channels", "2",
            "sluice.namespace.blind.subscribe", "public",
            "sluice.namespace.blind.members", "2",
            "sluice.namespace.blind.history-size", "10"));
    private final MemoryBroker broker = Node.broker(settings);
    private final ManualClock clock = new ManualClock();
    private final Node node = new Node(broker, clock, settings);
    private final Node other = new Node(broker, clock, settings);

    @AfterEach
    void close() {
        node.close();
        other.close();
    }

    @Test
    void what_is_published_reaches_the_subscribers_of_all_nodes_in_its_order() {
        TestSubscriber here = node.join("1", "ann", CHANNEL);
        TestSubscriber there = other.join("2", "bob", CHANNEL);

        assertThat(node.publish(CHANNEL, "1")).isEqualTo(new Position("e1", 1));
        other.publish(CHANNEL, "2");
        node.publish("kept:b", "3");

        assertThat(here.messages()).containsExactly("1", "2");
        assertThat(there.messages()).containsExactly("1", "2");
    }

    @Test
    void a_subscriber_hears_of_its_own_publications_only_what_the_feed_hands_in() {
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        broker.holdFeeds();
        assertThat(Node.future(node.channels.publish(ann, new PublishRequest(CHANNEL, "1"))))
                .isCompletedWithValue(new Position("e1", 1));
        assertThat(ann.messages()).isEmpty();

        broker.releaseFeeds();
        assertThat(ann.messages()).containsExactly("1");
    }

    @Test
    void an_answer_says_where_the_stream_stands_and_comes_before_what_follows() {
        node.publish(CHANNEL, "1");
        node.publish(CHANNEL, "2");
        TestSubscriber ann = node.connect("1", "ann");
        Subscribed answer = node.subscribe(ann, CHANNEL);
        node.publish(CHANNEL, "3");

        assertThat(answer.position()).isEqualTo(new Position("e1", 2));
        assertThat(answer.recoverable()).isTrue();
        assertThat(answer.wasRecovering()).isFalse();
        assertThat(answer.publications()).isEmpty();
        assertThat(ann.heard().get(0)).isSameAs(answer);
        assertThat(ann.messages()).containsExactly("3");
    }

    @Test
    void without_history_a_subscription_begins_at_once_and_positions_say_nothing() {
        broker.holdReadings();
        TestSubscriber ann = node.connect("1", "ann");
        Subscribed answer = node.ask(ann, SubscribeRequest.to("loose:a").withSince(new Position("e1", 3)))
                .get();
        node.publish("loose:a", "1");

        assertThat(answer.position()).isEqualTo(Position.NONE);
        assertThat(answer.recoverable()).isFalse();
        assertThat(answer.recovered()).isFalse();
        assertThat(ann.messages()).containsExactly("1");
        assertThat(broker.readings()).isZero();
    }

    @Test
    void what_is_published_while_the_history_is_read_is_part_of_what_is_recovered() {
        publish(1, 5);
        TestSubscriber ann = node.connect("1", "ann");
        broker.holdReadings();
        TestSubscriber.Answer answer = node.ask(ann, recover(2));
        publish(6, 8);
        broker.releaseReadings();
        publish(9, 10);

        assertThat(answer.get().recovered()).isTrue();
        assertThat(offsets(answer.get().publications())).containsExactly(3L, 4L, 5L, 6L, 7L, 8L);
        assertThat(answer.get().position()).isEqualTo(new Position("e1", 8));
        assertThat(ann.messages()).containsExactly("9", "10");
    }

    @Test
    void what_the_reading_saw_is_not_delivered_again_by_a_feed_that_lags_behind() {
        broker.holdFeeds();
        publish(1, 5);
        TestSubscriber ann = node.connect("1", "ann");
        Subscribed answer = node.ask(ann, recover(3)).get();
        broker.releaseFeeds();
        publish(6, 6);

        assertThat(offsets(answer.publications())).containsExactly(4L, 5L);
        assertThat(ann.messages()).containsExactly("6");
    }

    @Test
    void a_second_subscriber_is_ahead_of_a_feed_that_the_first_one_still_waits_for() {
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        broker.holdFeeds();
        publish(1, 3);
        TestSubscriber bob = node.connect("2", "bob");
        Subscribed answer = node.ask(bob, recover(0)).get();
        broker.releaseFeeds();
        publish(4, 4);

        // The topic stands at 0 all the same: nothing was missed of what bob asks for, and all follows live.
        assertThat(answer.recovered()).isTrue();
        List<String> both = new ArrayList<>(
                answer.publications().stream().map(one -> one.data()).toList());
        both.addAll(bob.messages());
        assertThat(both).containsExactly("1", "2", "3", "4");
        assertThat(ann.messages()).containsExactly("1", "2", "3", "4");
    }

    @Test
    void nothing_missed_is_recovered_without_a_reading_where_the_topic_knows_its_place() {
        node.join("1", "ann", CHANNEL);
        publish(1, 5);
        int readings = broker.readings();
        Subscribed answer = node.ask(node.connect("2", "bob"), recover(5)).get();

        assertThat(answer.recovered()).isTrue();
        assertThat(answer.publications()).isEmpty();
        assertThat(broker.readings()).isEqualTo(readings);
    }

    @Test
    void a_gap_that_history_does_not_fill_any_more_is_said() {
        publish(1, 1010);
        TestSubscriber ann = node.connect("1", "ann");

        assertThat(node.ask(ann, recover(5)).get().recovered()).isFalse();
        assertThat(node.ask(node.connect("2", "b"), recover(709)).get().recovered())
                .isFalse();
        Subscribed most = node.ask(node.connect("3", "c"), recover(710)).get();
        assertThat(most.recovered()).isTrue();
        assertThat(offsets(most.publications()))
                .isEqualTo(LongStream.rangeClosed(711, 1010).boxed().toList());
        publish(1011, 1011);
        assertThat(ann.messages()).containsExactly("1011");
    }

    @Test
    void positions_of_another_stream_or_of_the_future_are_not_recovered() {
        publish(1, 3);
        Subscribed otherEpoch = node.ask(
                        node.connect("1", "ann"), SubscribeRequest.to(CHANNEL).withSince(new Position("e0", 2)))
                .get();
        Subscribed future = node.ask(node.connect("2", "bob"), recover(4)).get();

        for (Subscribed answer : List.of(otherEpoch, future)) {
            assertThat(answer.wasRecovering()).isTrue();
            assertThat(answer.recovered()).isFalse();
            assertThat(answer.publications()).isEmpty();
            assertThat(answer.position()).isEqualTo(new Position("e1", 3));
        }
    }

    @Test
    void who_begins_to_wait_during_a_reading_shares_it_or_else_the_next_one() {
        publish(1, 3);
        broker.holdReadings();
        List<TestSubscriber.Answer> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(node.ask(node.connect("c" + i, "u" + i), recover(1)));
        }
        broker.holdFeeds();
        TestSubscriber.Answer ahead = node.ask(node.connect("ahead", "ahead"), recover(5));
        TestSubscriber.Answer aheadToo = node.ask(node.connect("too", "too"), recover(4));
        assertThat(broker.heldReadings()).isEqualTo(1);
        publish(4, 5);
        broker.releaseOneReading();
        for (TestSubscriber.Answer answer : answers) {
            assertThat(offsets(answer.get().publications())).containsExactly(2L, 3L);
        }
        assertThat(ahead.isDone() || aheadToo.isDone()).isFalse();
        await(() -> broker.heldReadings() == 1);
        broker.releaseReadings();

        assertThat(ahead.get().recovered()).isTrue();
        assertThat(offsets(aheadToo.get().publications())).containsExactly(5L);
        assertThat(broker.readings()).isEqualTo(2);
    }

    @Test
    void the_newest_publications_come_with_the_answer_on_request() {
        publish(1, 5);
        Subscribed answer = node.ask(
                        node.connect("1", "ann"), SubscribeRequest.to(CHANNEL).withRecent(3))
                .get();

        assertThat(offsets(answer.publications())).containsExactly(3L, 4L, 5L);
        assertThat(answer.recovered()).isFalse();
    }

    @Test
    void subscribing_again_is_an_error_or_answers_as_if_it_were_new() {
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        node.join("2", "bob", CHANNEL);
        publish(1, 3);
        assertThat(node.ask(ann, SubscribeRequest.to(CHANNEL)).refusal()).isEqualTo(Reason.ALREADY_SUBSCRIBED);
        Subscribed again = node.ask(
                        ann,
                        SubscribeRequest.to(CHANNEL)
                                .allowingAgain()
                                .withRecent(2)
                                .withMembers(10))
                .get();

        assertThat(again.again()).isTrue();
        assertThat(again.position()).isEqualTo(new Position("e1", 3));
        assertThat(offsets(again.publications())).containsExactly(2L, 3L);
        assertThat(again.presence().count()).isEqualTo(new Event.Count(2, 2));
        publish(4, 4);
        assertThat(ann.messages()).containsExactly("1", "2", "3", "4");
    }

    @Test
    void a_second_wish_that_comes_before_the_answer_to_the_first_is_answered_with_it() {
        broker.holdReadings();
        TestSubscriber ann = node.connect("1", "ann");
        TestSubscriber.Answer first = node.ask(ann, SubscribeRequest.to(CHANNEL));
        TestSubscriber.Answer second =
                node.ask(ann, SubscribeRequest.to(CHANNEL).allowingAgain());
        assertThat(second.isDone()).isFalse();
        broker.releaseReadings();

        assertThat(first.get().again()).isFalse();
        assertThat(second.get().again()).isTrue();
    }

    @Test
    void who_gives_up_what_is_not_there_yet_is_told_so() {
        broker.holdReadings();
        TestSubscriber ann = node.connect("1", "ann");
        CompletableFuture<String> told = new CompletableFuture<>();
        node.channels.subscribe(ann, SubscribeRequest.to(CHANNEL), new Reply<>() {
            @Override
            public void ok(Subscribed answer) {
                told.complete("subscribed");
            }

            @Override
            public void failed(ChannelException error) {
                told.complete(String.valueOf(error.getMessage()));
            }
        });
        node.channels.unsubscribe(ann, CHANNEL);

        assertThat(TestSubscriber.soon(told)).isEqualTo("The subscription to " + CHANNEL + " has ended meanwhile.");
    }

    @Test
    void who_has_left_hears_nothing_more() {
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        TestSubscriber bob = node.join("2", "bob", CHANNEL);
        assertThat(node.channels.unsubscribe(ann, CHANNEL)).isTrue();
        assertThat(node.channels.unsubscribe(ann, CHANNEL)).isFalse();
        node.channels.disconnect(bob);
        node.channels.disconnect(bob);
        publish(1, 1);

        assertThat(ann.messages()).isEmpty();
        assertThat(bob.messages()).isEmpty();
        assertThat(node.channels.channels(10)).isEmpty();
        assertThat(node.ask(bob, SubscribeRequest.to(CHANNEL)).refusal()).isEqualTo(Reason.NOT_AVAILABLE);
        assertThat(node.subscribe(ann, CHANNEL).position().offset()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void who_leaves_during_its_subscribe_leaves_nothing_behind(boolean byDisconnect) {
        broker.holdReadings();
        TestSubscriber ann = node.connect("1", "ann");
        TestSubscriber bob = node.connect("2", "bob");
        TestSubscriber.Answer answer = node.ask(ann, recover(0));
        TestSubscriber.Answer second = node.ask(bob, recover(0));
        for (TestSubscriber leaving : List.of(ann, bob)) {
            if (byDisconnect) {
                node.channels.disconnect(leaving);
            } else {
                node.channels.unsubscribe(leaving, CHANNEL);
            }
        }
        assertThat(answer.refusal()).isEqualTo(Reason.NOT_AVAILABLE);
        assertThat(second.refusal()).isEqualTo(Reason.NOT_AVAILABLE);
        broker.releaseReadings();
        publish(1, 1);

        assertThat(ann.heard()).isEmpty();
        assertThat(bob.heard()).isEmpty();
        assertThat(node.channels.channels(10)).isEmpty();
        assertThat(node.channels.presence(CHANNEL, 10).count()).isEqualTo(new Event.Count(0, 0));
        assertThat(node.channels.subscriptions(ann)).isEmpty();
    }

    @Test
    void others_go_on_when_one_of_them_leaves_during_the_reading_they_share() {
        broker.holdReadings();
        TestSubscriber ann = node.connect("1", "ann");
        TestSubscriber.Answer answer = node.ask(ann, recover(0));
        TestSubscriber bob = node.connect("2", "bob");
        TestSubscriber.Answer second = node.ask(bob, recover(0));
        node.channels.disconnect(ann);
        broker.releaseOneReading();
        broker.releaseReadings();
        await(second::isDone);

        assertThat(answer.refusal()).isEqualTo(Reason.NOT_AVAILABLE);
        assertThat(second.get().recovered()).isTrue();
    }

    @Test
    void a_history_that_cannot_be_read_is_an_error_that_leaves_nothing_behind() {
        broker.goDown(true);
        TestSubscriber ann = node.connect("1", "ann");
        assertThat(node.ask(ann, SubscribeRequest.to(CHANNEL)).refusal()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(node.channels.subscriptions(ann)).isEmpty();
        assertThat(refusalOf(Node.future(node.channels.publish(ann, new PublishRequest(CHANNEL, "1")))))
                .isEqualTo(Reason.UNAVAILABLE);
        assertThat(refusalOf(node.history(ann, CHANNEL, 5))).isEqualTo(Reason.UNAVAILABLE);

        broker.goDown(false);
        assertThat(node.subscribe(ann, CHANNEL).position()).isEqualTo(new Position("e1", 0));
    }

    @Test
    void missed_publications_end_the_subscriptions_and_are_recovered_by_the_next() {
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        publish(1, 2);
        broker.publishUnheard(CHANNEL, "3");
        publish(4, 4);

        assertThat(ann.events().get(ann.events().size() - 1)).isEqualTo(new Event.Lost());
        assertThat(ann.messages()).containsExactly("1", "2");
        assertThat(node.channels.subscriptions(ann)).isEmpty();
        assertThat(node.channels.presence(CHANNEL, 9).connections()).isEmpty();
        Subscribed answer = node.ask(ann, recover(2)).get();
        assertThat(answer.recovered()).isTrue();
        assertThat(offsets(answer.publications())).containsExactly(3L, 4L);
    }

    @Test
    void a_feed_that_may_have_missed_something_ends_the_subscriptions_without_waiting_for_a_gap() {
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        publish(1, 2);
        broker.publishUnheard(CHANNEL, "3");
        broker.tellLoss();

        assertThat(ann.events().get(ann.events().size() - 1)).isEqualTo(new Event.Lost());
        assertThat(node.channels.subscriptions(ann)).isEmpty();
        Subscribed answer = node.ask(ann, recover(2)).get();
        assertThat(answer.recovered()).isTrue();
        assertThat(offsets(answer.publications())).containsExactly(3L);
        publish(4, 4);
        assertThat(ann.messages()).containsExactly("1", "2", "4");
    }

    @Test
    void an_empty_stream_that_is_made_anew_ends_nothing() {
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        broker.recreate(CHANNEL, "e2");
        TestSubscriber bob = node.connect("2", "bob");
        assertThat(node.ask(bob, SubscribeRequest.to(CHANNEL).withRecent(1))
                        .get()
                        .position())
                .isEqualTo(new Position("e2", 0));
        broker.recreate(CHANNEL, "e3");
        publish(1, 2);

        assertThat(ann.messages()).containsExactly("1", "2");
        assertThat(bob.messages()).containsExactly("1", "2");
        assertThat(ann.events(Event.Lost.class)).isEmpty();
    }

    @Test
    void a_stream_that_is_made_anew_ends_the_subscriptions() {
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        publish(1, 1);
        broker.recreate(CHANNEL, "e2");
        publish(2, 2);

        assertThat(ann.events()).endsWith(new Event.Lost());
        Subscribed answer = node.ask(ann, recover(1)).get();
        assertThat(answer.recovered()).isFalse();
        assertThat(answer.position()).isEqualTo(new Position("e2", 1));
    }

    @Test
    void a_stream_that_is_made_anew_is_noticed_by_a_reading_as_well() {
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        publish(1, 1);
        broker.recreate(CHANNEL, "e2");
        TestSubscriber bob = node.connect("2", "bob");
        TestSubscriber.Answer answer = node.ask(bob, recover(0));

        assertThat(answer.refusal()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(ann.events()).endsWith(new Event.Lost());
        assertThat(node.ask(bob, recover(0)).get().position()).isEqualTo(new Position("e2", 0));
        publish(2, 2);
        assertThat(bob.messages()).containsExactly("2");
    }

    @Test
    void limits_are_errors_of_their_own() {
        TestSubscriber ann = node.join("1", "ann", "kept:1");
        node.subscribe(ann, "kept:2");
        node.subscribe(ann, "few:1");
        assertThat(node.ask(ann, SubscribeRequest.to("kept:3")).refusal()).isEqualTo(Reason.LIMIT_EXCEEDED);

        TestSubscriber bob = node.join("2", "bob", "few:1");
        assertThat(node.ask(node.connect("3", "cid"), SubscribeRequest.to("few:1"))
                        .refusal())
                .isEqualTo(Reason.FULL);
        node.join("4", "bob", "few:1");
        node.subscribe(bob, "few:2");
        assertThat(node.ask(bob, SubscribeRequest.to("few:3")).refusal()).isEqualTo(Reason.TOO_MANY_CHANNELS);

        node.join("5", "dan", "kept:5");
        assertThat(node.ask(node.connect("6", "eve"), SubscribeRequest.to("kept:6"))
                        .refusal())
                .isEqualTo(Reason.TOO_MANY_CHANNELS);
        assertThat(node.channels.channels(100)).containsOnlyKeys("kept:1", "kept:2", "few:1", "few:2", "kept:5");
    }

    @Test
    void only_channels_that_are_wanted_count_for_the_limit() {
        TestSubscriber ann = node.join("1", "ann", "kept:1");
        node.subscribe(ann, "kept:2");
        node.subscribe(ann, "few:1");

        for (String name : node.channels.subscriptions(ann)) {
            assertThat(node.channels.channels(name::equals, 1)).isEqualTo(Map.of(name, 1));
        }
        assertThat(node.channels.channels(name -> name.startsWith("kept"), 9)).containsOnlyKeys("kept:1", "kept:2");
        assertThat(node.channels.channels(2)).hasSize(2);
    }

    @Test
    void a_channel_without_presence_counts_who_waits_as_well() {
        broker.holdReadings();
        TestSubscriber.Answer first = node.ask(node.connect("1", "a"), SubscribeRequest.to("blind:1"));
        TestSubscriber.Answer second = node.ask(node.connect("2", "b"), SubscribeRequest.to("blind:1"));
        assertThat(node.ask(node.connect("3", "c"), SubscribeRequest.to("blind:1"))
                        .refusal())
                .isEqualTo(Reason.FULL);
        broker.releaseReadings();

        assertThat(first.get().presence().count().connections()).isZero();
        assertThat(second.get().recoverable()).isTrue();
    }

    @Test
    void a_room_that_fills_up_while_others_wait_for_it_is_full_for_them() {
        ChannelSettings kept = Node.settings(Map.of("sluice.namespace.kept.members", "1"));
        MemoryBroker own = Node.broker(kept);
        try (Node small = new Node(own, clock, kept)) {
            own.holdReadings();
            TestSubscriber.Answer first = small.ask(small.connect("1", "a"), SubscribeRequest.to(CHANNEL));
            TestSubscriber bob = small.connect("2", "b");
            TestSubscriber.Answer second = small.ask(bob, SubscribeRequest.to(CHANNEL));
            own.releaseOneReading();
            own.releaseReadings();

            assertThat(first.get().presence().count().users()).isEqualTo(1);
            assertThat(second.refusal()).isEqualTo(Reason.FULL);
            assertThat(small.channels.subscriptions(bob)).isEmpty();
        }
    }

    @Test
    void a_subscriber_that_throws_or_disconnects_within_a_delivery_harms_nobody() {
        TestSubscriber before = node.join("1", "ann", CHANNEL);
        Subscriber leaving = new Subscriber() {
            @Override
            public String connection() {
                return "2";
            }

            @Override
            public dev.sluice.auth.Caller caller() {
                return TestSubscriber.caller("bob");
            }

            @Override
            public void deliver(Event event) {
                if (event.kind() instanceof Event.Message) {
                    node.channels.disconnect(this);
                    throw new IllegalStateException("on purpose");
                }
            }
        };
        node.channels.connect(leaving);
        node.channels.subscribe(leaving, SubscribeRequest.to(CHANNEL), before.answer());
        TestSubscriber after = node.join("3", "cid", CHANNEL);
        publish(1, 2);

        assertThat(before.messages()).containsExactly("1", "2");
        assertThat(after.messages()).containsExactly("1", "2");
        await(() -> node.channels.channels(9).equals(Map.of(CHANNEL, 2)));
    }

    /** What becomes of a message at somebody is for the test to say. */
    private final class Breaking implements Subscriber {
        final List<Event.Kind> heard = new ArrayList<>();
        boolean breaks;
        boolean breaksAll;

        @Override
        public String connection() {
            if (breaksAll && breaks) {
                breaks = false;
                throw new OutOfMemoryError("in a test");
            }
            return "breaking";
        }

        @Override
        public dev.sluice.auth.Caller caller() {
            return TestSubscriber.caller("bob");
        }

        @Override
        public void deliver(Event event) {
            if (breaks && event.kind() instanceof Event.Message) {
                breaks = breaksAll;
                throw new OutOfMemoryError("in a test");
            }
            heard.add(event.kind());
        }

        void join() {
            node.channels.connect(this);
            TestSubscriber.Answer answer = TestSubscriber.of("unused", "bob").answer();
            node.channels.subscribe(this, SubscribeRequest.to(CHANNEL), answer);
            answer.get();
            heard.clear();
        }
    }

    @Test
    void who_cannot_be_handed_a_message_is_told_so_and_nobody_else() {
        TestSubscriber before = node.join("1", "ann", CHANNEL);
        Breaking breaking = new Breaking();
        breaking.join();
        TestSubscriber after = node.join("3", "cid", CHANNEL);
        breaking.breaks = true;
        publish(1, 2);

        assertThat(breaking.heard).endsWith(new Event.Lost());
        assertThat(node.channels.subscriptions(breaking)).isEmpty();
        assertThat(before.messages()).containsExactly("1", "2");
        assertThat(after.messages()).containsExactly("1", "2");
        assertThat(after.events(Event.Lost.class)).isEmpty();
        assertThat(after.events(Event.Left.class)).hasSize(1);
    }

    @Test
    void when_a_message_cannot_be_handed_to_a_channel_all_who_listen_are_told_so() {
        Breaking breaking = new Breaking();
        breaking.join();
        TestSubscriber ann = node.join("1", "ann", CHANNEL);
        publish(1, 1);
        breaking.breaksAll = true;
        breaking.breaks = true;
        publish(2, 2);

        assertThat(breaking.heard).endsWith(new Event.Lost());
        assertThat(ann.events()).endsWith(new Event.Lost());
        Subscribed answer = node.ask(ann, recover(1)).get();
        assertThat(answer.recovered()).isTrue();
        assertThat(offsets(answer.publications())).containsExactly(2L);
    }

    @Test
    void an_answer_that_cannot_be_given_keeps_nobody_else_from_theirs() {
        broker.holdReadings();
        node.ask(node.connect("0", "first"), recover(0));
        TestSubscriber ann = node.connect("1", "ann");
        node.channels.subscribe(ann, recover(0), new Reply<>() {
            @Override
            public void ok(Subscribed answer) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void failed(ChannelException error) {
                throw new IllegalStateException("on purpose", error);
            }
        });
        TestSubscriber.Answer answer = node.ask(node.connect("2", "bob"), recover(0));
        broker.releaseReadings();

        assertThat(answer.get().recovered()).isTrue();
    }

    @Test
    void only_so_many_wishes_for_one_channel_wait() {
        broker.holdReadings();
        TestSubscriber ann = node.connect("1", "ann");
        List<TestSubscriber.Answer> all = IntStream.range(0, 102)
                .mapToObj(i ->
                        node.ask(ann, SubscribeRequest.to(CHANNEL).withRecent(1).allowingAgain()))
                .toList();
        assertThat(all.get(101).refusal()).isEqualTo(Reason.TOO_MANY_REQUESTS);
        broker.releaseReadings();

        all.subList(0, 101).forEach(TestSubscriber.Answer::get);
    }

    @Test
    void an_event_is_encoded_once_for_each_encoding() {
        List<TestSubscriber> all = IntStream.range(0, 5)
                .mapToObj(i -> node.join("c" + i, "u" + i, "loose:x"))
                .toList();
        all.forEach(TestSubscriber::forgetAll);
        node.publish("loose:x", "1");
        List<Object> encoded = new ArrayList<>();
        Encoding<String> one = event -> "one " + event.channel() + encoded.add(event);
        Encoding<Integer> two = event -> event.channel().length();

        List<Event> events = all.stream().map(who -> (Event) who.heard().get(0)).toList();
        assertThat(events).allSatisfy(event -> assertThat(event).isSameAs(events.get(0)));
        assertThat(events.stream().map(event -> event.encoded(one)).distinct()).hasSize(1);
        assertThat(events.get(0).encoded(two)).isEqualTo(7);
        assertThat(encoded).hasSize(1);
    }

    private void publish(int from, int to) {
        IntStream.rangeClosed(from, to).forEach(i -> node.publish(CHANNEL, Integer.toString(i)));
    }

    private static SubscribeRequest recover(long offset) {
        return SubscribeRequest.to(CHANNEL).withSince(new Position("e1", offset));
    }
}
