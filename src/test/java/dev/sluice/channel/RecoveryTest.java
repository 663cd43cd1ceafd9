package dev.sluice.channel;

import static dev.sluice.channel.TestSubscriber.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The merge of what was read with what came meanwhile. */
class RecoveryTest {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 200_000 : 5_000;
    private static final long SEED = Long.getLong("sluice.test.seed", 20261121L);

    @Test
    void whatever_overlaps_nothing_is_lost_or_doubled() {
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            long top = random.nextInt(20);
            long live = random.nextInt(20);
            long kept = 1L + random.nextInt(8);
            long buffered = 1L + random.nextInt(8);
            long since = random.nextInt(22);
            History read = history(top, range(Math.max(1, top - kept + 1), top));
            List<Publication> buffer = range(Math.max(1, live - buffered + 1), live);
            long end = Math.max(top, live);

            Recovery recovery =
                    Recovery.merge(read, buffer, new Position("e", live), Optional.of(new Position("e", since)), 0);

            assertThat(recovery.position()).isEqualTo(new Position("e", end));
            boolean possible = since <= end
                    && LongStream.rangeClosed(since + 1, end)
                            .allMatch(offset -> (offset <= top && offset > top - kept)
                                    || (offset > top && offset > live - buffered));
            String what = "seed " + SEED + ", round " + round + ": " + since + " of " + read + " and " + buffer;
            assertThat(recovery.recovered()).as(what).isEqualTo(possible);
            assertThat(offsets(recovery.publications()))
                    .as(what)
                    .isEqualTo(
                            possible
                                    ? LongStream.rangeClosed(since + 1, end)
                                            .boxed()
                                            .toList()
                                    : List.of());
        }
    }

    @Test
    void a_hole_in_what_was_read_is_not_passed_over() {
        History read = history(5, List.of(publication(3), publication(5)));
        assertThat(Recovery.merge(read, List.of(), null, since(2), 0).recovered())
                .isFalse();
        assertThat(Recovery.merge(read, List.of(), null, since(4), 0).recovered())
                .isTrue();
        assertThat(offsets(Recovery.merge(read, List.of(), null, Optional.empty(), 10)
                        .publications()))
                .containsExactly(5L);
    }

    @Test
    void who_names_no_stream_takes_any_but_nothing_beyond_its_end() {
        History read = history(5, range(2, 5));
        assertThat(offsets(merge(read, new Position("", 3)).publications())).containsExactly(4L, 5L);
        assertThat(merge(read, new Position("", 3)).recovered()).isTrue();
        assertThat(merge(read, new Position("", 5)).recovered()).isTrue();
        assertThat(merge(read, new Position("", 6)).recovered()).isFalse();
        assertThat(merge(read, new Position("", 0)).recovered()).isFalse();
        assertThat(merge(read, new Position("another", 3)).recovered()).isFalse();
    }

    private static Recovery merge(History read, Position since) {
        return Recovery.merge(read, List.of(), null, Optional.of(since), 0);
    }

    @Test
    void more_than_a_connection_can_queue_is_not_recovered() {
        String large = "\"" + "x".repeat(200_000) + "\"";
        History read = history(3, List.of(publication(1, large), publication(2, large), publication(3, large)));
        assertThat(Recovery.merge(read, List.of(), null, since(0), 0).recovered())
                .isFalse();
        assertThat(Recovery.merge(read, List.of(), null, since(1), 0).recovered())
                .isTrue();
    }

    @Test
    void the_newest_are_those_up_to_the_present() {
        Recovery recovery =
                Recovery.merge(history(3, range(1, 3)), range(3, 5), new Position("e", 5), Optional.empty(), 3);
        assertThat(offsets(recovery.publications())).containsExactly(3L, 4L, 5L);
        assertThat(recovery.recovered()).isFalse();
    }

    private static History history(long top, List<Publication> publications) {
        return new History(new Position("e", top), publications);
    }

    private static List<Publication> range(long from, long to) {
        return LongStream.rangeClosed(from, to)
                .mapToObj(RecoveryTest::publication)
                .toList();
    }

    private static Publication publication(long offset) {
        return publication(offset, "1");
    }

    private static Publication publication(long offset, String data) {
        return new Publication("c", new Position("e", offset), "", data, "", 0);
    }

    private static Optional<Position> since(long offset) {
        return Optional.of(new Position("e", offset));
    }
}
