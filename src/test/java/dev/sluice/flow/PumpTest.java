package dev.sluice.flow;

import static dev.sluice.flow.Source.Step.END;
import static dev.sluice.flow.Source.Step.MORE;
import static dev.sluice.flow.Source.Step.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** The pump, one thread at a time; {@link PumpInterleavingTest} has many. */
class PumpTest {
    private static final Pump.Limits LIMITS =
            new Pump.Limits(Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofMinutes(10), 1 << 20);

    private final ManualClock clock = new ManualClock();
    private final ScriptedSource source = new ScriptedSource();
    private final MemoryTarget target = new MemoryTarget();

    @Test
    void everythingIsWrittenInOrderAndThenTheBodyEnds() {
        source.says("a", MORE).says("b", MORE).says("c", END);

        pump().writable();

        assertThat(text()).isEqualTo("abc");
        assertThat(target.events).containsExactly("write 1", "write 1", "write 1", "complete");
        assertThat(source.events).containsExactly("fill", "fill", "fill", "close complete");
    }

    @Test
    void anEmptySourceIsAnEmptyBody() {
        source.says("", END);

        pump().writable();

        assertThat(target.events).containsExactly("complete");
    }

    @Test
    void nothingIsReadAheadOfAClientThatTakesNothing() {
        source.says("a", MORE).says("b", END);
        target.readyAfterWrite = false;
        Pump pump = pump();

        pump.writable();
        pump.writable();
        assertThat(source.events).containsExactly("fill");

        target.ready = true;
        pump.writable();
        assertThat(source.events).containsExactly("fill", "fill");
        assertThat(target.events).doesNotContain("complete");

        target.ready = true;
        pump.writable();
        assertThat(target.events).endsWith("complete");
    }

    @Test
    void aSourceThatWaitsGoesOnWithItsWakeUp() {
        source.says("a", WAIT).says("b", END);

        pump().writable();
        assertThat(text()).isEqualTo("a");
        source.wake();

        assertThat(text()).isEqualTo("ab");
        assertThat(source.events).endsWith("close complete");
    }

    @Test
    void aWakeUpDuringTheFillIsNotLost() {
        source.does(buffer -> {
                    source.wake();
                    return WAIT;
                })
                .says("b", END);

        pump().writable();

        assertThat(source.events).endsWith("close complete");
    }

    @Test
    void whatWasSaidBeforeAWaitIsFlushedAtOnce() {
        source.says("a", MORE).says("", WAIT);

        pump().writable();

        assertThat(target.events).containsExactly("write 1", "flush");
    }

    @Test
    void aFlushThatTheClientWasTooSlowForIsMadeUpFor() {
        source.says("a", WAIT).says("", WAIT);
        target.readyAfterWrite = false;
        Pump pump = pump();

        pump.writable();
        source.wake();
        assertThat(target.events).containsExactly("write 1");

        target.ready = true;
        pump.writable();
        assertThat(target.events).containsExactly("write 1", "flush");
    }

    @Test
    void aFailingSourceEndsTheStreamAndItsLastBytesAreNotSent() {
        source.says("a", MORE).does(buffer -> {
            buffer.put((byte) 'x');
            throw new IllegalStateException("broken");
        });

        pump().writable();

        assertThat(text()).isEqualTo("a");
        assertThat(source.events).endsWith("close source-failed");
        assertThat(target.events).endsWith("fail source-failed");
    }

    @Test
    void aClientThatIsGoneEndsTheStream() {
        source.says("a", MORE);
        target.failure = new IOException("broken pipe");

        pump().writable();

        assertThat(source.events).endsWith("close client-gone");
    }

    @Test
    void aTargetThatIsBrokenIsNeverACleanEnd() {
        source.says("a", MORE);
        MemoryTarget broken = new MemoryTarget() {
            @Override
            public void write(Buffer buffer) {
                throw new AssertionError("a bug");
            }
        };

        new Pump(source, broken, Runnable::run, clock, LIMITS).writable();

        assertThat(source.events).endsWith("close source-failed");
        assertThat(broken.events).containsExactly("fail source-failed");
    }

    @Test
    void aSourceWhoseCloseFailsIsNotClosedAgain() {
        source.says("a", END).brokenClose = new IllegalStateException("close");

        pump().writable();

        assertThat(source.events).containsExactly("fill", "close complete");
        assertThat(target.events).endsWith("complete");
    }

    @Test
    void aTargetWhoseEndFailsDoesNotCloseTheSourceAgain() {
        source.says("a", END);
        target.brokenEnd = new IllegalStateException("recycled");

        pump().writable();

        assertThat(source.events).containsExactly("fill", "close complete");
    }

    @Test
    void theFirstEndWinsAndEverythingAfterTheCloseDoesNothing() {
        Pump pump = pump();

        pump.end(EndReason.CANCELLED, null);
        pump.end(EndReason.STALLED, null);
        pump.writable();
        source.wake();

        assertThat(source.events).containsExactly("cancel", "close cancelled");
        assertThat(target.events).containsExactly("fail cancelled");
    }

    @Test
    void aSourceThatIsClosedIsNotCancelled() {
        source.says("a", END);
        Pump pump = pump();
        pump.writable();

        pump.end(EndReason.CLIENT_GONE, null);

        assertThat(source.events).containsExactly("fill", "close complete");
    }

    @Test
    void aSourceThatCannotBeCancelledIsClosedAllTheSame() {
        source.brokenCancel = new IllegalStateException("cancel");

        pump().end(EndReason.CANCELLED, null);

        assertThat(source.events).containsExactly("cancel", "close cancelled");
    }

    @Test
    void aSourceThatFailsBecauseItWasCancelledHasTheReasonOfTheCancel() {
        Pump[] pump = new Pump[1];
        source.does(buffer -> {
            pump[0].end(EndReason.STALLED, null);
            throw new IllegalStateException("cancelled");
        });
        pump[0] = pump();

        pump[0].writable();

        assertThat(source.events).containsExactly("fill", "cancel", "close stalled");
    }

    @Test
    void withoutAnExecutorTheSourceIsClosed() {
        Executor over = task -> {
            throw new RejectedExecutionException("shut down");
        };

        new Pump(source, target, over, clock, LIMITS).writable();

        assertThat(source.events).containsExactly("close cancelled");
    }

    @Test
    void aClientThatTakesNothingForTooLongIsStalled() {
        source.says("a", MORE);
        target.readyAfterWrite = false;
        Pump pump = pump();
        pump.writable();

        clock.advance(Duration.ofSeconds(59));
        pump.checkTimeouts();
        assertThat(source.events).containsExactly("fill");
        clock.advance(Duration.ofSeconds(1));
        pump.checkTimeouts();

        assertThat(source.events).endsWith("close stalled");
    }

    @Test
    void aSourceThatGivesNothingHasItsOwnTimeOut() {
        Pump pump = pump();
        pump.writable();

        clock.advance(Duration.ofSeconds(30));
        pump.checkTimeouts();

        assertThat(source.events).endsWith("close first-byte-timeout");
    }

    @Test
    void aSourceThatIsQuietAfterItsFirstByteIsNoStalledClient() {
        source.says("a", WAIT);
        Pump pump = pump();
        pump.writable();

        clock.advance(Duration.ofMinutes(9));
        pump.checkTimeouts();

        assertThat(source.events).containsExactly("fill");
    }

    @Test
    void aSourceThatIsSilentForTooLongAfterItsFirstByteHasFailed() {
        source.says("a", MORE);
        Pump pump = pump();
        pump.writable();

        clock.advance(Duration.ofMinutes(10).minusMillis(1));
        pump.checkTimeouts();
        assertThat(target.events).doesNotContain("fail source-failed");
        clock.advance(Duration.ofMillis(1));
        pump.checkTimeouts();

        assertThat(source.events).endsWith("cancel", "close source-failed");
        assertThat(target.events).endsWith("fail source-failed");
    }

    @Test
    void aSourceThatDoesNotHeedItsCancelIsToldAgainUntilItIsClosed() {
        List<Pump> started = new ArrayList<>();
        source.does(buffer -> {
            Pump running = started.get(0);
            running.end(EndReason.CANCELLED, null);
            clock.advance(Duration.ofMillis(999));
            running.checkTimeouts();
            assertThat(source.events).containsExactly("fill", "cancel");
            clock.advance(Duration.ofMillis(1));
            running.checkTimeouts();
            return MORE;
        });
        Pump pump = pump();
        started.add(pump);
        pump.writable();
        clock.advance(Duration.ofSeconds(5));
        pump.checkTimeouts();

        assertThat(source.events).containsExactly("fill", "cancel", "cancel", "close cancelled");
    }

    private Pump pump() {
        return new Pump(source, target, Runnable::run, clock, LIMITS);
    }

    private String text() {
        return target.written.toString(StandardCharsets.UTF_8);
    }
}
