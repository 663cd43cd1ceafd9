package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.flow.Budget;
import dev.sluice.flow.Buffer;
import dev.sluice.flow.EndReason;
import dev.sluice.flow.Pump;
import dev.sluice.flow.Source;
import dev.sluice.flow.Spool;
import dev.sluice.flow.SpoolSource;
import dev.sluice.flow.Streams;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReliefTest {
    private static final int AT_ONCE = 2;
    private static final int PIECE = 1 << 20;
    private static final Duration MAX_HOLD = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    private final AtomicLong millis = new AtomicLong();
    private final InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
    private final Streams streams = new Streams(clock, new Budget(clock));
    private final Admission admission = new Admission(Fixture.limits(1, 100, 100), clock);
    private final Relief relief = new Relief(admission, Fixture.limits(1, 100, 100), clock, AT_ONCE);
    private final List<Export> exports = new ArrayList<>();
    private Spool spool = new Spool(Path.of("."), 0, 0);

    @BeforeEach
    void open() {
        spool = new Spool(folder, 1 << 30, 100);
        admission.enter("runs").await(() -> {}, refusal -> {});
    }

    @AfterEach
    void nothingIsLeft() {
        exports.forEach(export -> export.bytes.close(EndReason.CLIENT_GONE, null));
        assertThat(spool.open()).isZero();
        assertThat(spool.used()).isZero();
    }

    @Test
    void whoHasWaitedForItsClientLongestIsDrainedFirst() throws Exception {
        Export longest = slow();
        advance(Duration.ofSeconds(2));
        longest.sources("b");
        longest.read();
        slow();
        advance(Duration.ofSeconds(1));
        await(1);

        relief.sweep();

        assertThat(drained()).containsExactly(longest);
    }

    @Test
    void aSlowDatabaseIsNotASlowClient() throws Exception {
        Export slowDatabase = slow();
        slowDatabase.sources("");
        slowDatabase.read();
        advance(Duration.ofSeconds(10));
        Export slowClient = slow();
        advance(Duration.ofSeconds(1));
        await(1);

        relief.sweep();

        assertThat(slowDatabase.bytes.idleMillis()).isZero();
        assertThat(drained()).containsExactly(slowClient);
    }

    @Test
    void aClientThatTakesNothingOnceTheDatabaseHasSomethingIsSlow() throws Exception {
        Export export = slow();
        export.sources("");
        export.read();
        advance(Duration.ofSeconds(10));
        export.sources("more");
        export.wake();
        advance(Duration.ofSeconds(1));
        await(1);

        relief.sweep();

        assertThat(export.bytes.idleMillis()).isEqualTo(1_000);
        assertThat(drained()).containsExactly(export);
    }

    @Test
    void theTimeInTheQueueIsNotTheClients() throws Exception {
        Export export = new Export();
        advance(Duration.ofSeconds(30));
        export.sources("a");
        export.read();
        advance(Duration.ofMillis(50));
        await(1);

        relief.sweep();

        assertThat(drained()).isEmpty();
    }

    @Test
    void nobodyIsDrainedWhileNobodyWaits() throws Exception {
        slow();
        advance(Duration.ofSeconds(10));

        relief.sweep();

        assertThat(drained()).isEmpty();
    }

    @Test
    void oneIsDrainedForEachThatWaitsButOnlySoManyAtOnce() throws Exception {
        slow(5);
        advance(Duration.ofSeconds(1));
        await(1);
        relief.sweep();
        assertThat(drained()).hasSize(1);

        await(3);
        relief.sweep();
        relief.sweep();

        assertThat(drained()).hasSize(AT_ONCE);
    }

    @Test
    void aDrainThatDoesNotEndSoonKeepsNobodyFromBeingDrained() throws Exception {
        slow(2);
        advance(Duration.ofSeconds(1));
        await(1);
        relief.sweep();
        assertThat(drained()).hasSize(1);
        advance(Duration.ofMillis(999));
        relief.sweep();
        assertThat(drained()).hasSize(1);

        advance(Duration.ofMillis(1));
        relief.sweep();

        assertThat(drained()).hasSize(2);
    }

    @Test
    void whoHasHeldItsConnectionForLongIsDrainedThoughNobodyWaits() throws Exception {
        Export export = slow();
        advance(MAX_HOLD.minusMillis(1));
        relief.sweep();
        assertThat(drained()).isEmpty();

        advance(Duration.ofMillis(1));
        relief.sweep();

        assertThat(drained()).containsExactly(export);
        assertThat(export.cuts).isZero();
    }

    @Test
    void withoutRoomTheSlowAreCutAndNotTheFast() throws Exception {
        spool = new Spool(folder, 0, 100);
        Export slow = slow();
        Export fast = slow();
        fast.sources("");
        fast.read();
        advance(MAX_HOLD);

        relief.sweep();

        assertThat(slow.cuts).isOne();
        assertThat(fast.cuts).isZero();
        assertThat(drained()).isEmpty();
    }

    @Test
    void whoHasReadAllThatWasDrainedIsNotCutForRoom() throws Exception {
        spool = new Spool(folder, 1, 100);
        Export fast = slow();
        advance(Duration.ofSeconds(1));
        Export slow = slow();
        slow.sources("b", "c", "d");
        advance(Duration.ofSeconds(1));
        await(2);
        relief.sweep();
        assertThat(drained()).containsExactlyInAnyOrder(slow, fast);
        assertThat(slow.bytes.waitsForRoom()).isTrue();
        fast.sources("e");
        fast.wake();
        fast.read();
        fast.read();
        advance(MAX_HOLD);

        relief.sweep();

        assertThat(slow.cuts).isOne();
        assertThat(fast.cuts).isZero();
    }

    private void advance(Duration time) {
        millis.addAndGet(time.toMillis());
    }

    /** So many more wait for their turn. */
    private void await(int more) {
        for (int i = 0; i < more; i++) {
            admission.enter("waits").await(() -> {}, refusal -> {});
        }
    }

    private void slow(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            slow();
        }
    }

    /** One that has given something, has more, and is not asked for it. */
    private Export slow() throws Exception {
        Export export = new Export();
        export.sources("a");
        export.read();
        return export;
    }

    private Stream<Export> drained() {
        return exports.stream().filter(export -> export.bytes.isDraining());
    }

    /** An export whose database gives what it was told to, then lets wait. */
    private final class Export implements Source {
        private final SpoolSource bytes = new SpoolSource(
                this, spool, streams, false, Runnable::run, clock, Pump.Limits.ofSource(Duration.ZERO, PIECE), "test");
        private final Buffer buffer = new Buffer(PIECE);
        private final List<String> pieces = new ArrayList<>();
        private @Nullable Runnable wakeUp;
        private int cuts;

        Export() {
            exports.add(this);
            relief.began(bytes, () -> cuts++);
        }

        void sources(String... more) {
            pieces.addAll(List.of(more));
        }

        void wake() {
            if (wakeUp != null) {
                wakeUp.run();
            }
        }

        /** Its client takes what is there. */
        void read() throws Exception {
            buffer.clear();
            bytes.fill(buffer, () -> {});
        }

        @Override
        public Step fill(Buffer into, Runnable whenMore) {
            wakeUp = whenMore;
            String piece = pieces.isEmpty() ? "" : pieces.remove(0);
            into.put(piece.getBytes(StandardCharsets.UTF_8));
            return piece.isEmpty() ? Step.WAIT : Step.MORE;
        }

        @Override
        public void close(EndReason reason, @Nullable Throwable error) {}
    }
}
