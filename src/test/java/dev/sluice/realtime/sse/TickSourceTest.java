package dev.sluice.realtime.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.flow.Buffer;
import dev.sluice.flow.Source;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a stream of ticks says, and when. */
class TickSourceTest {
    private final AtomicLong now = new AtomicLong(1_000_000);
    private final InstantSource ticks = () -> Instant.ofEpochMilli(now.get());
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger woken = new AtomicInteger();
    private final TickSource source =
            new TickSource(over::get, () -> Instant.parse("2026-01-31T12:00:00Z"), ticks, ended -> {});

    @Test
    void theFirstTickComesAtOnce() {
        assertThat(fill(Source.Step.WAIT))
                .isEqualTo("retry: 3000\n\nevent: tick\ndata: {\"time\":\"2026-01-31T12:00:00.000Z\"}\n\n");
    }

    @Test
    void nothingIsSaidBeforeASecondIsOver() {
        fill(Source.Step.WAIT);
        now.addAndGet(999);
        source.wakeIfDue(now.get());
        assertThat(woken).hasValue(0);
        assertThat(fill(Source.Step.WAIT)).isEmpty();
    }

    @Test
    void aLateTickKeepsTheNextInStep() {
        fill(Source.Step.WAIT);
        now.addAndGet(1_400);
        source.wakeIfDue(now.get());
        assertThat(woken).hasValue(1);
        assertThat(fill(Source.Step.WAIT)).startsWith("event: tick\n");
        now.addAndGet(600);
        assertThat(fill(Source.Step.WAIT)).startsWith("event: tick\n");
    }

    @Test
    void whatTheClientCouldNotTakeIsLeftOut() {
        fill(Source.Step.WAIT);
        now.addAndGet(10_500);
        source.wakeIfDue(now.get());
        source.wakeIfDue(now.get());
        assertThat(woken).hasValue(1);
        assertThat(fill(Source.Step.WAIT)).containsOnlyOnce("event: tick");
        now.addAndGet(999);
        assertThat(fill(Source.Step.WAIT)).isEmpty();
    }

    @Test
    void aCommentComesEveryFifteenSeconds() {
        fill(Source.Step.WAIT);
        int comments = 0;
        for (int second = 0; second < 60; second++) {
            now.addAndGet(1_000);
            comments += fill(Source.Step.WAIT).startsWith(":\n\nevent: tick\n") ? 1 : 0;
        }
        assertThat(comments).isEqualTo(4);
    }

    @Test
    void itEndsWhenItIsOver() {
        fill(Source.Step.WAIT);
        over.set(true);
        source.wake();
        assertThat(woken).hasValue(1);
        assertThat(fill(Source.Step.END)).isEmpty();
    }

    private String fill(Source.Step expected) {
        Buffer buffer = new Buffer(TickSource.LARGEST_PIECE);
        assertThat(source.fill(buffer, woken::incrementAndGet)).isEqualTo(expected);
        return new String(buffer.array(), 0, buffer.length(), StandardCharsets.US_ASCII);
    }
}
