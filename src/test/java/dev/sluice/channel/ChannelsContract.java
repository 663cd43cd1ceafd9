package dev.sluice.channel;

import static dev.sluice.channel.Eventually.await;
import static dev.sluice.channel.Eventually.eventually;
import static dev.sluice.channel.TestSubscriber.offsets;
import static dev.sluice.channel.TestSubscriber.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Broker;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Retention;
import dev.sluice.settings.ChannelSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds for the channels of two nodes, whatever broker they share. */
@SuppressWarnings("NullAway.Init") // begun before each test
abstract class ChannelsContract {
    private static final int BURST = 200;

    /** Of each test its own. */
    final String channel = "kept:" + UUID.randomUUID();

    private final ChannelSettings settings = Node.settings(Map.of());
    private final List<Broker> brokers = new ArrayList<>();
    private Node node;
    private Node other;

    /** A broker for one more node; all of a test share their streams. */
    abstract Broker broker(Function<String, Retention> retention) throws Exception;

    @BeforeEach
    void start() throws Exception {
        node = startNode();
        other = startNode();
        TestSubscriber probe = node.join("probe", "probe", "kept:probe");
        eventually(() -> assertThat(users(other, "kept:probe")).containsExactly("probe"));
        node.channels.disconnect(probe);
        TestSubscriber back = other.join("back", "back", "kept:probe");
        eventually(() -> assertThat(users(node, "kept:probe")).containsExactly("back"));
        other.channels.disconnect(back);
    }

    Node startNode() throws Exception {
        Broker broker = broker(Channels.retention(settings));
        brokers.add(broker);
        return new Node(broker, new ManualClock(), settings);
    }

    Node node() {
        return node;
    }

    @AfterEach
    void stop() {
        node.close();
        other.close();
        brokers.forEach(Broker::close);
        brokers.clear();
    }

    @Test
    void all_subscribers_of_both_nodes_hear_the_same_in_the_same_order() {
        List<TestSubscriber> all = IntStream.range(0, 20)
                .mapToObj(i -> (i % 2 == 0 ? node : other).join("c" + i, "u" + i, channel))
                .toList();
        List<CompletableFuture<Position>> published = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            Node from = i % 3 == 0 ? other : node;
            published.add(Node.future(from.channels.publisher().publish(channel, "", Integer.toString(i))));
        }
        List<Long> places = published.stream().map(one -> soon(one).offset()).toList();

        assertThat(places).containsExactlyInAnyOrderElementsOf(range(1, BURST));
        for (TestSubscriber one : all) {
            await(() -> one.messages().size() == BURST);
            assertThat(one.messages()).isEqualTo(all.get(0).messages());
            assertThat(one.events(Event.Message.class))
                    .extracting(message -> message.publication().position().offset())
                    .containsExactlyElementsOf(range(1, BURST));
        }
    }

    @Test
    void who_comes_back_to_the_other_node_misses_nothing() {
        TestSubscriber before = node.join("1", "ann", channel);
        publish(node, 1, 5);
        await(() -> before.messages().size() == 5);
        node.channels.disconnect(before);
        publish(node, 6, 9);
        TestSubscriber after = other.connect("2", "ann");
        Position since = before.events(Event.Message.class).get(4).publication().position();
        Subscribed answer =
                other.ask(after, SubscribeRequest.to(channel).withSince(since)).get();
        publish(node, 10, 12);

        assertThat(answer.recovered()).isTrue();
        await(() -> answer.publications().size() + after.messages().size() == 7);
        List<Long> heard = new ArrayList<>(offsets(answer.publications()));
        after.events(Event.Message.class)
                .forEach(message -> heard.add(message.publication().position().offset()));
        assertThat(heard).isEqualTo(range(6, 12));
    }

    @Test
    void large_publications_are_recovered_whole_or_not_at_all() {
        // The largest in bytes for their characters: three for each.
        String large = "\"" + "€".repeat(20_000) + "\"";
        Position since = node.publish(channel, "0");
        int most = Recovery.MOST_CHARACTERS / large.length();
        IntStream.range(0, most).forEach(i -> node.publish(channel, large));
        TestSubscriber ann = other.connect("1", "ann");
        Subscribed all =
                other.ask(ann, SubscribeRequest.to(channel).withSince(since)).get();
        node.publish(channel, large);
        await(() -> ann.messages().size() == 1);
        Subscribed none = other.ask(
                        other.connect("2", "ann"), SubscribeRequest.to(channel).withSince(since))
                .get();

        assertThat(all.recovered()).isTrue();
        assertThat(offsets(all.publications())).isEqualTo(range(2, most + 1));
        assertThat(none.recovered()).isFalse();
        assertThat(none.publications()).isEmpty();
        assertThat(none.position().offset()).isEqualTo(most + 2);
    }

    @Test
    void five_thousand_who_come_back_at_once_cost_readings_by_the_channel_and_miss_nothing() throws Exception {
        int channels = 50;
        for (int i = 0; i < channels; i++) {
            publish(node, channel + i, 1, 20);
        }
        String epoch = position(channel + 0).epoch();
        CountingBroker counting = new CountingBroker(broker(Channels.retention(settings)));
        brokers.add(counting);
        try (Node restarted = new Node(counting, new ManualClock(), settings)) {
            List<TestSubscriber.Answer> answers = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                TestSubscriber client = restarted.connect("back" + i, "u" + i);
                answers.add(restarted.ask(
                        client, SubscribeRequest.to(channel + i % channels).withSince(new Position(epoch, 0))));
            }
            counting.letGo();
            for (TestSubscriber.Answer answer : answers) {
                assertThat(offsets(answer.get().publications())).isEqualTo(range(1, 20));
            }
            assertThat(counting.readings()).isEqualTo(channels);
        }
    }

    private Position position(String of) {
        return soon(Node.future(node.channels.history(new HistoryRequest(of, 0, Optional.empty(), false))))
                .top();
    }

    @Test
    void a_stream_has_one_epoch_on_both_nodes_before_and_after_its_first_publication() {
        Subscribed here = node.subscribe(node.connect("1", "ann"), channel);
        Subscribed there = other.subscribe(other.connect("2", "bob"), channel);
        assertThat(here.position()).isEqualTo(there.position());
        assertThat(here.position().epoch()).isNotEmpty();
        publish(other, 1, 1);
        assertThat(node.ask(
                                node.connect("3", "cid"),
                                SubscribeRequest.to(channel).withSince(here.position()))
                        .get()
                        .recovered())
                .isTrue();
    }

    @Test
    void what_is_published_with_a_key_twice_is_published_once() {
        TestSubscriber ann = node.join("1", "ann", channel);
        TestSubscriber bob = other.join("2", "bob", channel);
        PublishRequest request = new PublishRequest(channel, "note", "1", "key");
        Position first = soon(Node.future(node.channels.publish(ann, request)));
        Position second = soon(Node.future(other.channels.publish(bob, request)));
        publish(node, 2, 2);

        assertThat(second).isEqualTo(first);
        await(() -> bob.messages().size() == 2);
        assertThat(bob.messages()).containsExactly("1", "2");
        assertThat(bob.events(Event.Message.class).get(0).publication().event()).isEqualTo("note");
        assertThat(bob.events(Event.Message.class).get(0).publication().info()).contains("\"user\":\"ann\"");
    }

    @Test
    void a_replaced_publication_keeps_its_place() {
        publish(node, 1, 3);
        assertThat(soon(Node.future(node.channels.replace(channel, 2, "null")))).isTrue();
        assertThat(soon(Node.future(node.channels.replace(channel, 9, "null")))).isFalse();
        History history =
                soon(Node.future(other.channels.history(new HistoryRequest(channel, 9, Optional.empty(), false))));
        assertThat(offsets(history.publications())).isEqualTo(range(1, 3));
        assertThat(history.publications().get(1).data()).isEqualTo("null");
    }

    @Test
    void what_was_replaced_on_one_node_is_soon_answered_by_neither() {
        publish(node, 1, 3);
        Position end = position(channel);
        TestSubscriber stays = node.join("stays", "stays", channel);
        other.join("too", "too", channel);
        SubscribeRequest recovers = SubscribeRequest.to(channel).withSince(new Position(end.epoch(), 0));
        for (Node each : List.of(node, other)) {
            assertThat(data(each, "before", recovers)).containsExactly("1", "2", "3");
        }
        assertThat(soon(Node.future(node.channels.replace(channel, 2, "null")))).isTrue();

        assertThat(data(node, "after", recovers)).containsExactly("1", "null", "3");
        eventually(() ->
                assertThat(data(other, UUID.randomUUID().toString(), recovers)).containsExactly("1", "null", "3"));
        assertThat(stays.messages()).isEmpty();
    }

    private static List<String> data(Node of, String connection, SubscribeRequest request) {
        return of.ask(of.connect(connection, connection), request).get().publications().stream()
                .map(Publication::data)
                .toList();
    }

    @Test
    void without_history_subscribers_hear_what_is_published_all_the_same() {
        TestSubscriber ann = node.join("1", "ann", "loose:a");
        TestSubscriber bob = other.join("2", "bob", "loose:a");
        for (int i = 1; i <= 20; i++) {
            node.publish("loose:a", Integer.toString(i));
        }
        await(() -> ann.messages().size() == 20 && bob.messages().size() == 20);
        assertThat(bob.messages()).isEqualTo(ann.messages());
    }

    @Test
    void presence_and_typing_reach_both_nodes() {
        TestSubscriber ann = node.join("1", "ann", channel);
        TestSubscriber bob = other.join("2", "bob", channel);
        eventually(() -> assertThat(users(node, channel)).containsExactlyInAnyOrder("ann", "bob"));
        eventually(() -> assertThat(users(other, channel)).containsExactlyInAnyOrder("ann", "bob"));
        other.channels.typing(bob, channel, true);
        await(() -> ann.events(Event.Typing.class).size() == 1);
        other.channels.disconnect(bob);

        eventually(() -> assertThat(users(node, channel)).containsExactly("ann"));
        assertThat(ann.events(Event.Typing.class))
                .extracting(Event.Typing::typing)
                .containsExactly(true, false);
        assertThat(ann.events(Event.Left.class))
                .extracting(left -> left.member().user())
                .containsExactly("bob");
    }

    @Test
    void what_is_told_to_the_other_nodes_reaches_them_alone_in_its_order() {
        List<String> here = new CopyOnWriteArrayList<>();
        List<String> there = new CopyOnWriteArrayList<>();
        node.channels.onTold("news", here::add);
        other.channels.onTold("news", there::add);
        other.channels.onTold("others", text -> there.add("not this"));
        List<String> all =
                IntStream.range(0, 20).mapToObj(i -> "{\"n\":" + i + "}").toList();
        all.forEach(text -> soon(Node.future(node.channels.tellNodes("news", text))));
        await(() -> there.size() == all.size());
        assertThat(there).isEqualTo(all);

        soon(Node.future(other.channels.tellNodes("news", "\"" + "𝄞".repeat(2_000) + "\"")));
        await(() -> !here.isEmpty());
        assertThat(here).containsExactly("\"" + "𝄞".repeat(2_000) + "\"");
        assertThat(node.channels.channels(9)).isEmpty();
    }

    private static List<String> users(Node of, String channel) {
        return of.channels.presence(channel, 99).users().stream()
                .map(Member::user)
                .toList();
    }

    void publish(Node from, int first, int last) {
        publish(from, channel, first, last);
    }

    private static void publish(Node from, String to, int first, int last) {
        IntStream.rangeClosed(first, last).forEach(i -> from.publish(to, Integer.toString(i)));
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }
}
