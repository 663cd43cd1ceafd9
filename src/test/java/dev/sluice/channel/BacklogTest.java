package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What backlogs hold is bounded, alone and together, and given back. */
class BacklogTest {
    private static final int LARGE = 64 * 1024;

    @Test
    void all_hold_no_more_than_there_is_room_for() {
        Budget budget = new Budget(3 * LARGE);
        Backlog one = new Backlog(budget);
        Backlog two = new Backlog(budget);
        one.hold(history(2));
        two.hold(history(2));
        assertThat(one.held()).isPresent();
        assertThat(two.held()).isEmpty();
        assertThat(budget.used()).isEqualTo(2 * LARGE);

        one.hold(history(3));
        assertThat(budget.used()).isEqualTo(3 * LARGE);
        one.drop();
        one.drop();
        assertThat(budget.used()).isZero();
        two.hold(history(2));
        assertThat(two.held()).isPresent();
    }

    @Test
    void what_no_recovery_can_use_is_not_held() {
        Budget budget = new Budget(Long.MAX_VALUE);
        Backlog backlog = new Backlog(budget);
        backlog.hold(history(300));
        long most = Recovery.MOST_CHARACTERS / LARGE;
        assertThat(budget.used()).isBetween(most * LARGE, (most + 1) * LARGE);
        List<Publication> held = backlog.held().orElseThrow().publications();
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
