package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What backlogs hold is bounded, alone and together, and given back. */
class BacklogTest {
    private static final int LARGE = 64 * 1024;
    private static final Instant NOW = Instant.EPOCH;
    private static final Instant END = NOW.plusSeconds(1);

    @Test
    void all_hold_no_more_than_there_is_room_for() {
        long one = 200 + 2 * LARGE;
        Allowance allowance = new Allowance(3 * one);
        Backlog first = new Backlog(allowance);
        Backlog second = new Backlog(allowance);
        first.hold(history(2), END);
        second.hold(history(2), END);
        assertThat(first.held(NOW)).isPresent();
        assertThat(second.held(NOW)).isEmpty();
        assertThat(allowance.used()).isEqualTo(2 * one);

        first.hold(history(3), END);
        assertThat(allowance.used()).isEqualTo(3 * one);
        first.drop();
        first.drop();
        assertThat(allowance.used()).isZero();
        second.hold(history(2), END);
        assertThat(second.held(NOW)).isPresent();
        assertThat(second.held(END)).isEmpty();
    }

    @Test
    void what_no_recovery_can_use_is_not_held() {
        Allowance allowance = new Allowance(Long.MAX_VALUE);
        Backlog backlog = new Backlog(allowance);
        backlog.hold(history(300), END);
        int most = Recovery.MOST_CHARACTERS / LARGE;
        List<Publication> held = backlog.held(NOW).orElseThrow().publications();
        assertThat(held).hasSizeBetween(most, most + 1);
        assertThat(held.get(held.size() - 1).position().offset()).isEqualTo(300);
    }

    private static History history(int count) {
        String data = "x".repeat(LARGE);
        return new History(
                new Position("e", count),
                LongStream.rangeClosed(1, count)
                        .mapToObj(i -> new Publication("c", new Position("e", i), "", data, "", 0))
                        .toList());
    }
}
