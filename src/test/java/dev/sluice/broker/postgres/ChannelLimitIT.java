package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.broker.Broker;
import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Position;
import dev.sluice.broker.Recorder;
import dev.sluice.broker.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many channels the nodes may make in the database. */
class ChannelLimitIT {
    private static final Retention KEPT = new Retention(100, Duration.ofHours(1));

    private final BrokerDatabase database = BrokerDatabase.create();
    private final List<Broker> brokers = new ArrayList<>();
    private volatile Duration passed = Duration.ZERO;

    @AfterEach
    void close() throws Exception {
        brokers.forEach(Broker::close);
        database.close();
    }

    @Test
    void whatIsThereGoesOnWhileNewChannelsAreRefused() throws Exception {
        Broker broker = started(3, new Recorder());
        for (String channel : List.of("a", "b", "c")) {
            assertThat(publish(broker, channel).offset()).isEqualTo(1);
        }

        assertRefused(broker, "d");
        assertThat(publish(broker, "a").offset()).isEqualTo(2);
        assertRefused(broker, "e");
        assertThat(channels()).containsExactly("a", "b", "c");
    }

    @Test
    void ofOneBatchTheFirstAreLetIn() throws Exception {
        Broker broker = started(10, new Recorder());
        publish(broker, "0");
        List<CompletionStage<Position>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(broker.publish(new Draft(String.valueOf(i % 50), "1")));
        }
        int refused = 0;
        for (CompletionStage<Position> answer : answers) {
            refused += isRefused(answer) ? 1 : 0;
        }

        assertThat(refused).isEqualTo(80);
        assertThat(channels()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    @Test
    void whatNodesTellEachOtherHasRoomAlways() throws Exception {
        Broker broker = started(1, new Recorder());
        publish(broker, "a");
        assertRefused(broker, "b");

        assertThat(publish(broker, "$gateway").offset()).isEqualTo(1);
    }

    @Test
    void whatIsThereAlreadyWhenANodeStartsIsCounted() throws Exception {
        database.execute("INSERT INTO sluice.channel (channel, epoch) SELECT n, 'e' FROM generate_series(1, 9) AS n");
        Broker broker = started(5, new Recorder());

        assertRefused(broker, "a");
        assertThat(publish(broker, "7").offset()).isEqualTo(1);
    }

    @Test
    void aNodeThatFollowsCountsWhatOthersMake() throws Exception {
        Broker leader = started(3, new Recorder());
        await().until(((PostgresBroker) leader)::isLeading);
        Recorder heard = new Recorder();
        Broker follower = started(3, heard);
        publish(follower, "a");
        publish(leader, "b");
        publish(leader, "c");
        await().until(() -> heard.count() == 3);

        assertRefused(follower, "d");
        assertThat(publish(follower, "b").offset()).isEqualTo(2);
    }

    @Test
    void sqlIsNotBoundAndTakesRoom() throws Exception {
        Recorder heard = new Recorder();
        Broker broker = started(2, heard);
        publish(broker, "a");
        database.execute("SELECT sluice.publish('b', '1')", "SELECT sluice.publish('c', '1')");
        await().until(() -> heard.count() == 3);

        assertRefused(broker, "d");
        assertThat(publish(broker, "c").offset()).isEqualTo(2);
    }

    @Test
    void roomComesBackWhenIdleChannelsAreDeleted() throws Exception {
        Broker broker = started(2, new Recorder());
        publish(broker, "old");
        publish(broker, "kept");
        assertRefused(broker, "new");

        database.execute(
                "DELETE FROM sluice.stream WHERE channel = 'old'",
                "UPDATE sluice.channel SET emptied = now() - interval '8 days' WHERE channel = 'old'");
        passed = Duration.ofMinutes(11);
        await().atMost(Duration.ofSeconds(60)).until(() -> channels().equals(List.of("kept")));
        passed = passed.plusSeconds(61);

        assertThat(publish(broker, "new").offset()).isEqualTo(1);
        assertRefused(broker, "old");
        assertThat(channels()).containsExactly("kept", "new");
    }

    private Broker started(int mostChannels, Recorder feed) {
        Broker broker = database.broker(
                channel -> KEPT,
                mostChannels,
                () -> BrokerDatabase.TICKS.instant().plus(passed));
        brokers.add(broker);
        broker.start(feed);
        return broker;
    }

    private static Position publish(Broker broker, String channel) throws Exception {
        return broker.publish(new Draft(channel, "1")).toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private static void assertRefused(Broker broker, String channel) {
        assertThatThrownBy(() -> publish(broker, channel))
                .hasCauseInstanceOf(BrokerException.class)
                .cause()
                .extracting(error -> ((BrokerException) error).reason())
                .isEqualTo(Reason.FULL);
    }

    private static boolean isRefused(CompletionStage<Position> answer) throws Exception {
        return answer.handle((position, error) -> error != null
                        && error.getCause() instanceof BrokerException broker
                        && broker.reason() == Reason.FULL)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    private List<String> channels() {
        return database.query("SELECT channel FROM sluice.channel ORDER BY channel");
    }
}
