package dev.sluice.channel;

import static dev.sluice.channel.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.settings.ChannelSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** More channels than a broker holds signals. */
class AnnouncingTest {
    private static final int CHANNELS = 4_000;
    private static final int HELD = 2 * Announcing.SHARE + 500;
    private static final Duration SWEPT_EVERY = Duration.ofMillis(200);

    private final ChannelSettings settings =
            Node.settings(Map.of("sluice.realtime.channels-per-connection", Integer.toString(CHANNELS)));
    private final MemoryBroker broker = Node.broker(settings);
    private final NarrowBroker narrow = new NarrowBroker(broker, HELD);
    private final ManualClock clock = new ManualClock();
    private final Node node = new Node(narrow, clock, settings);
    private final Node other = new Node(broker, clock, settings);

    @AfterEach
    void close() {
        node.close();
        other.close();
    }

    @Test
    void members_of_any_number_of_channels_stay_known_to_the_others() {
        meet();
        TestSubscriber ann = node.connect("1", "ann");
        for (int i = 0; i < CHANNELS; i++) {
            node.subscribe(ann, channel(i));
            narrow.tellAll();
        }
        await(() -> known(other) == CHANNELS);
        pass(Duration.ofSeconds(100));

        assertThat(narrow.lost()).isZero();
        assertThat(known(other)).isEqualTo(CHANNELS);
    }

    @Test
    void a_node_that_appears_is_told_of_all_soon() {
        meet();
        TestSubscriber ann = node.connect("1", "ann");
        for (int i = 0; i < CHANNELS; i++) {
            node.subscribe(ann, channel(i));
            narrow.tellAll();
        }
        try (Node third = new Node(broker, clock, settings)) {
            await(() -> known(third) > 0 || narrow.waiting() > 0);
            pass(Duration.ofSeconds(2));

            assertThat(narrow.lost()).isZero();
            assertThat(known(third)).isEqualTo(CHANNELS);
        }
    }

    private void meet() {
        await(() -> {
            narrow.tellAll();
            return !node.channels.isAlone() && !other.channels.isAlone();
        });
    }

    private void pass(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(SWEPT_EVERY)) {
            clock.advance(SWEPT_EVERY);
            node.channels.sweep();
            other.channels.sweep();
            settle();
            narrow.tellAll();
        }
    }

    /** Until nothing more comes for a while. */
    private void settle() {
        int before;
        do {
            before = narrow.waiting();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        } while (narrow.waiting() != before);
    }

    private static long known(Node node) {
        return IntStream.range(0, CHANNELS)
                .filter(i -> node.channels.presence(channel(i), 0).count().connections() == 1)
                .count();
    }

    private static String channel(int number) {
        return "loose:" + number;
    }
}
