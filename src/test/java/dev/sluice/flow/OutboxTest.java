package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final Outboxes.Limits LIMITS = new Outboxes.Limits(10, 100, Duration.ofSeconds(10));

    private final ManualClock clock = new ManualClock();
    private final HandDrains drains = new HandDrains();
    private final Outboxes outboxes = new Outboxes(LIMITS, clock, drains);
    private final MemoryWire wire = new MemoryWire();
    private final CompletableFuture<OutboxEnd> told = new CompletableFuture<>();
    private final Outbox outbox = outboxes.open(wire, told::complete);

    @AfterEach
    void close() {
        outboxes.close();
    }

    @Test
    void aLonelyFrameGoesOutByItself() {
        offer("a");
        assertThat(wire.calls).isEmpty();

        drains.runAll();

        assertThat(wire.calls).containsExactly("a");
    }

    @Test
    void severalGoOutInOneWrite() {
        offer("a", "b", "c");
        drains.runAll();

        assertThat(wire.calls).containsExactly("a|b|c");
        assertThat(outbox.queuedBytes()).isZero();
    }

    @Test
    void whatComesWhileAWriteIsInFlightFollowsIt() {
        wire.late = true;
        offer("a");
        drains.runAll();
        offer("b", "c");
        drains.runAll();
        assertThat(wire.calls).containsExactly("a");

        wire.late = false;
        wire.complete(null);
        drains.runAll();

        assertThat(wire.calls).containsExactly("a", "b|c");
    }

    @Test
    void afterABurstTheNextWriteWaitsForMore() {
        offer("a", "b");
        drains.runAll();
        offer("c");
        offer("d");
        drains.runAll();
        assertThat(wire.calls).containsExactly("a|b");

        drains.pass();
        drains.runAll();

        assertThat(wire.calls).containsExactly("a|b", "c|d");
    }

    @Test
    void afterTheEndOfABurstAFrameGoesOutAtOnceAgain() {
        offer("a", "b");
        drains.runAll();
        drains.pass();
        drains.runAll();
        offer("c");
        drains.runAll();
        offer("d");
        drains.runAll();

        assertThat(wire.calls).containsExactly("a|b", "c", "d");
    }

    @Test
    void whatComesInABurstIsNeverTooMuchBecauseItWaits() {
        offer("a", "b");
        drains.runAll();
        for (int i = 0; i < 10 * LIMITS.messages(); i++) {
            offer("c" + i);
            drains.runAll();
        }
        for (int i = 0; i < 10; i++) {
            offer("x".repeat((int) LIMITS.bytes() / 2));
            drains.runAll();
        }

        assertThat(outboxes.count()).isEqualTo(1);
        assertThat(wire.calls).hasSizeLessThan(8 * LIMITS.messages());
    }

    @Test
    void whoseWaitWasCutShortWaitsNoLongerForIt() {
        offer("a", "b");
        drains.runAll();
        for (int i = 0; i < LIMITS.messages() / 2; i++) {
            offer("" + i);
        }
        drains.runAll();
        drains.pass();
        drains.runAll();

        assertThat(wire.calls).containsExactly("a|b", "0|1|2|3|4");
    }

    @Test
    void whoIsQuietAfterABurstIsNotTakenForOneThatDoesNotRead() {
        offer("a", "b");
        drains.runAll();
        drains.pass();
        drains.runAll();
        clock.advance(LIMITS.age().plusMillis(1));
        outboxes.sweep();

        assertThat(outboxes.count()).isEqualTo(1);
    }

    @Test
    void aFullTurnWaitsForNothing() {
        Outboxes roomy = new Outboxes(new Outboxes.Limits(100, 1 << 20, Duration.ofSeconds(10)), clock, drains);
        Outbox busy = roomy.open(wire, told::complete);
        String half = "x".repeat(Outbox.TURN / 2);
        for (int i = 0; i < 4; i++) {
            busy.offer(Frame.of(half));
        }
        drains.runAll();

        assertThat(wire.calls).hasSize(2);
        roomy.close();
    }

    @Test
    void finishingAfterABurstEndsWhenItIsOver() throws Exception {
        offer("a", "b");
        drains.runAll();
        outbox.finish();
        drains.pass();
        drains.runAll();

        assertThat(ended()).isEqualTo(OutboxEnd.CLOSED);
    }

    @Test
    void aLongQueueGivesOthersTheirTurn() {
        Outboxes roomy = new Outboxes(new Outboxes.Limits(100, 1 << 20, Duration.ofSeconds(10)), clock, drains);
        Outbox busy = roomy.open(wire, told::complete);
        String large = "x".repeat(Outbox.TURN / 2);
        for (int i = 0; i < 3; i++) {
            busy.offer(Frame.of(large));
        }

        assertThat(drains.runOne()).isTrue();

        assertThat(wire.calls).containsExactly(large + "|" + large);
        drains.pass();
        drains.runAll();
        assertThat(wire.calls).containsExactly(large + "|" + large, large);
        roomy.close();
    }

    @Test
    void afterASlowWriteTheNextIsSmallAndThoseAfterItGrowAgain() {
        Outboxes roomy = new Outboxes(new Outboxes.Limits(100, 1 << 20, Duration.ofSeconds(10)), clock, drains);
        Outbox busy = roomy.open(wire, told::complete);
        wire.late = true;
        busy.offer(Frame.of("slow"));
        drains.runAll();
        String small = "x".repeat(Outbox.SLOW_TURN);
        for (int i = 0; i < 1 + 2 + 4 + 8; i++) {
            busy.offer(Frame.of(small));
        }

        clock.advance(Duration.ofSeconds(1));
        roomy.sweep();
        wire.late = false;
        wire.complete(null);
        drains.runAll();

        assertThat(wire.calls.stream().map(call -> call.split("\\|").length)).containsExactly(1, 1, 2, 4, 8);
        roomy.close();
    }

    @Test
    void aWriteThatALookFallsIntoIsNotSlow() {
        Outboxes roomy = new Outboxes(new Outboxes.Limits(100, 1 << 20, Duration.ofSeconds(10)), clock, drains);
        Outbox busy = roomy.open(wire, told::complete);
        wire.late = true;
        busy.offer(Frame.of("quick"));
        drains.runAll();
        String half = "x".repeat(Outbox.TURN / 2);
        busy.offer(Frame.of(half));
        busy.offer(Frame.of(half));

        clock.advance(Duration.ofMillis(200));
        roomy.sweep();
        wire.complete(null);
        drains.runAll();

        assertThat(wire.calls).containsExactly("quick", half + "|" + half);
        roomy.close();
    }

    @Test
    void aPingKeepsItsPlace() {
        offer("a");
        outbox.offer(Frame.PING);
        offer("b");
        drains.runAll();

        assertThat(wire.calls).containsExactly("a|ping|b");
    }

    @Test
    void itHoldsAFrameUntilThatIsWritten() {
        wire.late = true;
        offer("a");
        drains.runAll();
        clock.advance(Duration.ofMillis(400));
        outboxes.sweep();
        assertThat(outbox.holds(Frame.PING)).isFalse();
        assertThat(outbox.lastTaken()).isZero();
        outbox.offer(Frame.PING);
        assertThat(outbox.holds(Frame.PING)).isTrue();

        wire.complete(null);
        drains.runAll();
        assertThat(wire.calls).containsExactly("a", "ping");
        assertThat(outbox.lastTaken()).isEqualTo(outboxes.now());
        assertThat(outbox.holds(Frame.PING)).isTrue();

        long before = outboxes.now();
        clock.advance(Duration.ofMillis(200));
        outboxes.sweep();
        wire.complete(null);
        assertThat(outbox.holds(Frame.PING)).isFalse();
        assertThat(outbox.lastTaken()).isEqualTo(before);

        offer("b");
        drains.runAll();
        clock.advance(Duration.ofMillis(400));
        outboxes.sweep();
        assertThat(wire.calls).endsWith("b");
        assertThat(outbox.holds(Frame.PING)).isFalse();
    }

    @Test
    void tooManyBytesAreTheEnd() throws Exception {
        wire.late = true;
        offer("in flight");
        drains.runAll();
        offer("x", "y".repeat(100));
        assertThat(outbox.offer(Frame.of("z"))).isFalse();
        wire.complete(null);

        assertThat(ended()).isEqualTo(OutboxEnd.OVERFLOWN);
        assertThat(outboxes.ended(OutboxEnd.OVERFLOWN)).isEqualTo(1);
        assertThat(outbox.queuedBytes()).isZero();
    }

    @Test
    void tooManyMessagesAreTheEnd() throws Exception {
        for (int i = 0; i < LIMITS.messages(); i++) {
            offer("m");
        }
        assertThat(outbox.offer(Frame.of("m"))).isFalse();

        assertThat(ended()).isEqualTo(OutboxEnd.OVERFLOWN);
        drains.runAll();
        assertThat(wire.calls).isEmpty();
    }

    @Test
    void aFirstFrameMayHaveAnySize() {
        String large = "x".repeat(10 * (int) LIMITS.bytes());
        offer(large, "y".repeat((int) LIMITS.bytes()));
        drains.runAll();

        assertThat(wire.calls).containsExactly(large + "|" + "y".repeat((int) LIMITS.bytes()));
    }

    @Test
    void whatNeedsRoomIsDoneAtOnceWhereThereIsSome() {
        List<String> done = new ArrayList<>();
        outbox.whenRoom(() -> done.add("while nothing waits"));
        offer("x".repeat((int) LIMITS.bytes() / 4));
        outbox.whenRoom(() -> done.add("while little waits"));

        assertThat(done).containsExactly("while nothing waits", "while little waits");
    }

    @Test
    void whatNeedsRoomIsDoneOnceAsSoonAsThereIsSome() {
        List<String> done = new ArrayList<>();
        wire.late = true;
        offer("in flight");
        drains.runAll();
        offer("x".repeat((int) LIMITS.bytes() / 4), "y");
        outbox.whenRoom(() -> done.add("a"));
        outbox.whenRoom(() -> done.add("b"));
        drains.runAll();
        assertThat(done).isEmpty();

        wire.complete(null);
        // Not by who says that the write is over.
        assertThat(done).isEmpty();
        drains.runAll();
        assertThat(done).containsExactly("a", "b");

        wire.complete(null);
        drains.runAll();
        assertThat(done).containsExactly("a", "b");
    }

    @Test
    void manySmallFramesLeaveNoRoomEither() {
        List<String> done = new ArrayList<>();
        for (int i = 0; i <= LIMITS.messages() / 4; i++) {
            offer("m");
        }
        outbox.whenRoom(() -> done.add("a"));
        assertThat(done).isEmpty();

        drains.runAll();

        assertThat(done).containsExactly("a");
    }

    @Test
    void afterTheEndNothingWaitsForRoom() {
        List<String> done = new ArrayList<>();
        offer("x".repeat((int) LIMITS.bytes()));
        outbox.whenRoom(() -> done.add("before"));
        outbox.remove(OutboxEnd.GONE);
        outbox.whenRoom(() -> done.add("after"));
        drains.runAll();

        assertThat(done).containsExactly("after", "before");
    }

    @Test
    void whoIsTooSlowIsToldSoBehindTheWriteInFlight() throws Exception {
        wire.late = true;
        offer("a");
        drains.runAll();
        offer("x", "y".repeat(100));
        assertThat(outbox.offer(Frame.of("z"))).isFalse();
        assertThat(told.get(5, TimeUnit.SECONDS)).isEqualTo(OutboxEnd.OVERFLOWN);
        clock.advance(Duration.ofSeconds(9));
        outboxes.sweep();
        assertThat(wire.closed).isNotDone();

        wire.complete(null);

        assertThat(wire.closed.get(5, TimeUnit.SECONDS)).isEqualTo(OutboxEnd.OVERFLOWN);
        assertThat(wire.calls).containsExactly("a");
    }

    @Test
    void whoTakesNothingIsNotWaitedForLongerThanAWriteMayLast() throws Exception {
        wire.late = true;
        offer("a");
        drains.runAll();
        offer("x", "y".repeat(100));
        assertThat(outbox.offer(Frame.of("z"))).isFalse();
        assertThat(told.get(5, TimeUnit.SECONDS)).isEqualTo(OutboxEnd.OVERFLOWN);
        await().until(() -> {
            clock.advance(Duration.ofSeconds(11));
            outboxes.sweep();
            return wire.closed.isDone();
        });
        wire.complete(null);

        assertThat(wire.closed.get()).isEqualTo(OutboxEnd.OVERFLOWN);
    }

    @Test
    void aWriteThatTakesTooLongIsTheEnd() throws Exception {
        wire.late = true;
        offer("a");
        drains.runAll();
        clock.advance(LIMITS.age());
        outboxes.sweep();
        assertThat(outboxes.count()).isEqualTo(1);

        clock.advance(Duration.ofMillis(1));
        outboxes.sweep();

        assertThat(ended()).isEqualTo(OutboxEnd.STALLED);
        assertThat(outboxes.count()).isZero();
    }

    @Test
    void aWriteThatFailsLaterIsTheEnd() throws Exception {
        wire.late = true;
        offer("a");
        drains.runAll();
        wire.complete(new IOException("reset"));

        assertThat(ended()).isEqualTo(OutboxEnd.FAILED);
    }

    @Test
    void aWriteThatFailsAtOnceIsTheEnd() throws Exception {
        wire.failure = new IOException("reset");
        offer("a", "b");
        drains.runAll();

        assertThat(ended()).isEqualTo(OutboxEnd.FAILED);
        assertThat(wire.calls).containsExactly("a|b");
    }

    @Test
    void aWriteThatBlocksTooLongCountsAsStalled() throws Exception {
        wire.thrown = new InterruptedIOException("time is over");
        offer("a", "b");
        drains.runAll();

        assertThat(ended()).isEqualTo(OutboxEnd.STALLED);
        assertThat(wire.calls).containsExactly("a|b");
    }

    @Test
    void aLateTimeOutCountsAsStalled() throws Exception {
        wire.late = true;
        offer("a");
        drains.runAll();
        wire.complete(new SocketTimeoutException("time is over"));

        assertThat(ended()).isEqualTo(OutboxEnd.STALLED);
    }

    @Test
    void afterALateEndNobodyDrainsForNothing() {
        wire.late = true;
        offer("a");
        drains.runAll();
        wire.complete(null);

        assertThat(drains.runOne()).isFalse();
        offer("b");
        drains.runAll();
        assertThat(wire.calls).containsExactly("a", "b");
    }

    @Test
    void finishingSendsWhatWaitsAndTakesNothingMore() throws Exception {
        offer("a", "b");
        outbox.finish();
        assertThat(outbox.offer(Frame.of("c"))).isFalse();
        drains.runAll();

        assertThat(ended()).isEqualTo(OutboxEnd.CLOSED);
        assertThat(wire.calls).containsExactly("a|b");
    }

    @Test
    void finishingWithNothingToSayClosesAtOnce() throws Exception {
        outbox.finish();
        outbox.finish();

        assertThat(ended()).isEqualTo(OutboxEnd.CLOSED);
    }

    @Test
    void finishingDoesNotWaitForEver() throws Exception {
        wire.late = true;
        offer("a", "b");
        outbox.finish();
        drains.runAll();
        clock.advance(LIMITS.age().plusMillis(2));
        outboxes.sweep();

        assertThat(ended()).isEqualTo(OutboxEnd.CLOSED);
    }

    @Test
    void itIsRemovedOnceWhateverIsAskedAfterwards() throws Exception {
        outbox.remove(OutboxEnd.GONE);
        outbox.remove(OutboxEnd.FAILED);
        outbox.finish();

        assertThat(ended()).isEqualTo(OutboxEnd.GONE);
        assertThat(outbox.offer(Frame.of("a"))).isFalse();
        assertThat(outboxes.ended(OutboxEnd.GONE)).isEqualTo(1);
        assertThat(outboxes.ended(OutboxEnd.FAILED)).isZero();
        assertThat(drains.runOne()).isFalse();
    }

    @Test
    void whereThreadsAreMissingItsOwnerIsToldLater() throws Exception {
        ScarceThreads leavers = new ScarceThreads();
        ScarceThreads closers = new ScarceThreads();
        Outboxes scarce = new Outboxes(LIMITS, clock, drains, leavers, closers);
        List<OutboxEnd> ends = Collections.synchronizedList(new ArrayList<>());
        Outbox full = scarce.open(wire, ends::add);
        leavers.missing.set(3);
        closers.missing.set(3);
        for (int i = 0; i < LIMITS.messages(); i++) {
            full.offer(Frame.of("m"));
        }

        assertThat(full.offer(Frame.of("one too many"))).isFalse();
        assertThat(ends).isEmpty();
        await().untilAsserted(() -> {
            scarce.sweep();
            assertThat(wire.closed).isCompletedWithValue(OutboxEnd.OVERFLOWN);
        });
        scarce.close();
        assertThat(ends).containsExactly(OutboxEnd.OVERFLOWN);
    }

    @Test
    void whereThreadsAreMissingTheOthersAreToldInTheirOrder() {
        ScarceThreads leavers = new ScarceThreads();
        Outboxes scarce = new Outboxes(LIMITS, clock, drains, leavers, new ScarceThreads());
        List<Integer> left = Collections.synchronizedList(new ArrayList<>());
        leavers.missing.set(50);
        for (int i = 0; i < 100; i++) {
            int number = i;
            scarce.open(new MemoryWire(), end -> left.add(number)).remove(OutboxEnd.GONE);
        }
        scarce.sweep();
        scarce.close();

        assertThat(left)
                .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
    }

    @Test
    void anOwnerThatBreaksKeepsNobodyFromBeingClosed() throws Exception {
        MemoryWire broken = new MemoryWire();
        outboxes.open(broken, end -> {
                    throw new AssertionError("in a test");
                })
                .remove(OutboxEnd.GONE);
        outbox.remove(OutboxEnd.GONE);

        assertThat(broken.closed.get(10, TimeUnit.SECONDS)).isEqualTo(OutboxEnd.GONE);
        assertThat(ended()).isEqualTo(OutboxEnd.GONE);
    }

    @Test
    void aWriteThatBreaksIsTheEnd() throws Exception {
        Outbox broken = outboxes.open(new BreakingWire(), told::complete);
        broken.offer(Frame.of("a"));
        drains.runAll();

        assertThat(told.get(10, TimeUnit.SECONDS)).isEqualTo(OutboxEnd.FAILED);
    }

    private static final class BreakingWire implements Wire {
        @Override
        public void send(List<Frame> frames, Sent sent) {
            throw new OutOfMemoryError("in a test");
        }

        @Override
        public void close(OutboxEnd end) {}
    }

    @Test
    void theLengthIsThatOfUtf8() {
        for (String text : List.of("", "abc", "äöü", "€", "𝄞", "a€𝄞ü\u0000")) {
            assertThat(Frame.of(text).bytes())
                    .as(text)
                    .isEqualTo(text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
        }
    }

    private void offer(String... texts) {
        for (String text : texts) {
            assertThat(outbox.offer(Frame.of(text))).isTrue();
        }
    }

    /** The owner is told first. */
    private OutboxEnd ended() throws Exception {
        OutboxEnd closed = wire.closed.get(10, TimeUnit.SECONDS);
        assertThat(told.getNow(null)).isEqualTo(closed);
        return closed;
    }
}
