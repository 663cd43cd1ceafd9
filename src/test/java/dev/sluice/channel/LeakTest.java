package dev.sluice.channel;

import static dev.sluice.channel.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.settings.ChannelSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whatever comes and goes in whatever order, nothing of it stays. */
class LeakTest {
    private static final int ROUNDS = 10_000;
    private static final int THREADS = 4;
    private static final int CHANNELS = 20;

    private final ChannelSettings settings = Node.settings(Map.of(
            "sluice.realtime.max-channels", "1000",
            "sluice.namespace.loose.members", "50",
            "sluice.namespace.loose.channels", "15"));
    private final MemoryBroker broker = Node.broker(settings);
    private final ManualClock clock = new ManualClock();

    @Test
    void after_ten_thousand_connections_all_is_as_before() throws Exception {
        try (Node node = new Node(broker, clock, settings);
                Node other = new Node(broker, clock, settings)) {
            TestSubscriber stays = node.join("stays", "stays", "loose:stays");
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            try {
                List<CompletableFuture<Void>> all = new ArrayList<>();
                for (int thread = 0; thread < THREADS; thread++) {
                    int number = thread;
                    all.add(CompletableFuture.runAsync(() -> play(number % 2 == 0 ? node : other, number), threads));
                }
                for (CompletableFuture<Void> one : all) {
                    one.get(5, TimeUnit.MINUTES);
                }
            } finally {
                threads.shutdownNow();
            }
            clock.advance(Duration.ofMinutes(1));
            node.channels.sweep();
            other.channels.sweep();

            await(() -> node.channels.channels(100).equals(Map.of("loose:stays", 1)));
            await(() -> other.channels.channels(100).values().stream().allMatch(count -> count == 0));
            for (int channel = 0; channel < CHANNELS; channel++) {
                for (String namespace : List.of("loose:c", "kept:c")) {
                    assertThat(node.channels.presence(namespace + channel, 9)).isEqualTo(Presence.NOBODY);
                    assertThat(other.channels.presence(namespace + channel, 9)).isEqualTo(Presence.NOBODY);
                }
            }
            assertThat(node.channels.presence("loose:stays", 9).count()).isEqualTo(new Event.Count(1, 1));
            assertThat(node.channels.connections()).isEqualTo(1);
            assertThat(other.channels.connections()).isZero();
            allLimitsAreAsBefore(node);
            node.channels.disconnect(stays);
        }
    }

    /** As many channels and members as ever may come; no more. */
    private static void allLimitsAreAsBefore(Node node) {
        for (int channel = 1; channel < 15; channel++) {
            node.join("limit" + channel, "u", "loose:limit" + channel);
        }
        TestSubscriber one = node.connect("limit", "u");
        assertThat(node.ask(one, SubscribeRequest.to("loose:limit15")).refusal())
                .isEqualTo(Reason.TOO_MANY_CHANNELS);
        for (int member = 1; member < 50; member++) {
            node.join("member" + member, "m" + member, "loose:stays");
        }
        assertThat(node.ask(one, SubscribeRequest.to("loose:stays")).refusal()).isEqualTo(Reason.FULL);
    }

    private void play(Node node, int thread) {
        Random random = new Random(thread);
        for (int round = 0; round < ROUNDS / THREADS; round++) {
            TestSubscriber one = node.connect(thread + "/" + round, "u" + random.nextInt(30));
            for (int i = random.nextInt(4); i >= 0; i--) {
                String channel = (random.nextBoolean() ? "loose:c" : "kept:c") + random.nextInt(CHANNELS);
                node.ask(one, SubscribeRequest.to(channel).withRecent(random.nextInt(2)));
                act(node, one, channel, random.nextInt(6));
            }
            node.channels.disconnect(one);
        }
    }

    private static void act(Node node, TestSubscriber one, String channel, int what) {
        switch (what) {
            case 0 -> node.channels.unsubscribe(one, channel);
            case 1 -> node.channels.typing(one, channel, true);
            case 2 -> node.channels.publish(one, new PublishRequest(channel, "1"));
            case 3 -> node.channels.sweep();
            default -> {
                // Nothing but coming and going.
            }
        }
    }

    @Test
    void asking_and_publishing_under_a_hundred_thousand_names_leaves_no_channels() {
        try (Node node = new Node(broker, clock, settings)) {
            TestSubscriber one = node.connect("1", "u");
            for (int i = 0; i < 100_000; i++) {
                node.channels.publish(one, new PublishRequest("loose:" + i, "1"));
                node.channels.presence(one, "loose:" + i, 1);
                node.channels.typing(one, "loose:" + i, true);
                node.channels.unsubscribe(one, "loose:" + i);
            }
            assertThat(node.channels.gauge("loose", "loose").used().getAsLong()).isZero();
            assertThat(node.channels.subscriptions(one)).isEmpty();
        }
    }

    @Test
    void a_hundred_thousand_names_are_refused_beyond_the_limit_and_leave_nothing() {
        try (Node node = new Node(broker, clock, settings)) {
            int refused = 0;
            List<TestSubscriber> all = new ArrayList<>();
            for (int connection = 0; connection < 1_000; connection++) {
                TestSubscriber one = node.connect("c" + connection, "u");
                all.add(one);
                for (int i = 0; i < 100; i++) {
                    TestSubscriber.Answer answer = node.ask(one, SubscribeRequest.to("kept:" + connection + "-" + i));
                    refused += answer.isRefused() ? 1 : 0;
                }
            }
            assertThat(refused).isEqualTo(100_000 - 1_000);
            assertThat(node.channels.channels(2_000)).hasSize(1_000);
            all.forEach(node.channels::disconnect);
            assertThat(node.channels.channels(2_000)).isEmpty();
            node.join("last", "u", "kept:last");
        }
    }
}
