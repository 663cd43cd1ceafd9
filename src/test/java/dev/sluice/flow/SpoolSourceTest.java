package dev.sluice.flow;

import static dev.sluice.flow.Source.Step.END;
import static dev.sluice.flow.Source.Step.MORE;
import static dev.sluice.flow.Source.Step.WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES) // one that gets nothing more would ask for ever
class SpoolSourceTest {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 2_000 : 150;
    private static final int PIECE = 1 << 20;
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SILENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock();
    private final Streams streams = new Streams(clock, new Budget(clock));
    private final Buffer buffer = new Buffer(PIECE);
    private final AtomicInteger woken = new AtomicInteger();
    private Spool spool = new Spool(Path.of("."), 0, 0);
    private ExecutorService workers = Executors.newSingleThreadExecutor();

    @BeforeEach
    void open() {
        workers.shutdown();
        workers = Executors.newFixedThreadPool(4);
        spool = new Spool(folder, 1 << 30, 10);
    }

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        await().atMost(LONG).until(() -> spool.open() == 0 && spool.used() == 0);
        assertThat(folder).isEmptyDirectory();
        workers.shutdown();
        assertThat(workers.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void aSourceIsPassedThroughUntilItIsSpooled() throws Exception {
        ScriptedSource inner =
                new ScriptedSource().says("a", MORE).says("b", MORE).says("c", END);
        SpoolSource source = spooled(inner, Runnable::run);

        assertThat(source.isDirect()).isFalse();
        assertThat(source.fill(buffer, woken::incrementAndGet)).isEqualTo(MORE);
        assertThat(source.isDirect()).isTrue();
        assertThat(inner.events).containsExactly("fill");

        assertThat(source.spool()).isTrue();

        assertThat(inner.events).containsExactly("fill", "fill", "fill", "close complete");
        assertThat(source.isDirect()).isFalse();
        assertThat(source.isDraining()).isFalse();
        assertThat(spool.open()).isOne();
        assertThat(spool.used()).isPositive();
        assertThat(readAll(source)).isEqualTo("abc");
        source.close(EndReason.COMPLETE, null);
        assertThat(inner.events).containsExactly("fill", "fill", "fill", "close complete");
    }

    @Test
    void filesHaveNoNameWhileTheyAreOpen() throws Exception {
        SpoolSource source = spooled(new ScriptedSource().says("a", MORE).says("b", MORE), Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();

        assertThat(folder).isEmptyDirectory();
        source.close(EndReason.CLIENT_GONE, null);
    }

    @Test
    void whatAKilledProcessLeftIsRemoved() throws IOException {
        Files.writeString(folder.resolve("left.spool"), "left");

        spool = new Spool(folder, 1, 1);

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aSourceThatHasGivenNothingYetIsSpooledAfterItsFirstByte() throws Exception {
        ScriptedSource inner =
                new ScriptedSource().says("", WAIT).says("a", MORE).says("b", END);
        SpoolSource source = spooled(inner, Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();
        assertThat(spool.open()).isZero();

        source.fill(buffer, woken::incrementAndGet);

        assertThat(spool.open()).isOne();
        assertThat(readAll(source)).isEqualTo("ab");
        source.close(EndReason.COMPLETE, null);
    }

    @Test
    void aReaderThatIsFasterThanTheSourceWaitsForIt() throws Exception {
        ScriptedSource inner = new ScriptedSource().says("a", MORE).says("b", WAIT);
        SpoolSource source = spooled(inner, Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();
        assertThat(source.fill(buffer, woken::incrementAndGet)).isEqualTo(MORE);

        assertThat(source.fill(buffer, woken::incrementAndGet)).isEqualTo(WAIT);
        assertThat(woken).hasValue(0);
        inner.says("c", END).wake();

        assertThat(woken).hasPositiveValue();
        assertThat(readAll(source)).isEqualTo("abc");
        source.close(EndReason.COMPLETE, null);
    }

    @Test
    void aSourceThatFailsWhileItIsDrainedFailsForItsReaderAfterItsLastByte() throws Exception {
        ScriptedSource inner = new ScriptedSource()
                .says("a", MORE)
                .says("b", MORE)
                .does(b -> {
                    throw new IOException("the database is gone");
                });
        SpoolSource source = spooled(inner, Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();

        assertThat(source.fill(buffer, woken::incrementAndGet)).isEqualTo(MORE);
        assertThatThrownBy(() -> source.fill(buffer, woken::incrementAndGet))
                .hasRootCauseMessage("the database is gone");
        assertThat(buffer.length()).isEqualTo(2);
        source.close(EndReason.SOURCE_FAILED, null);
        assertThat(inner.events).endsWith("close source-failed");
    }

    /** Its reader would learn of it only once everything before is read. */
    @Test
    void aSourceThatFallsSilentWhileItIsDrainedIsLetGoAtOnce() throws Exception {
        ScriptedSource inner = new ScriptedSource().says("a", MORE).says("b", WAIT);
        SpoolSource source = spooled(inner, Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();
        clock.advance(SILENCE.minusMillis(1));
        streams.sweep();
        assertThat(source.isDraining()).isTrue();

        clock.advance(Duration.ofMillis(1));
        streams.sweep();

        assertThat(inner.events).endsWith("cancel", "close source-failed");
        assertThat(source.isDraining()).isFalse();
        assertThat(source.fill(buffer, woken::incrementAndGet)).isEqualTo(MORE);
        assertThatThrownBy(() -> source.fill(buffer, woken::incrementAndGet)).hasMessageContaining("source-failed");
        assertThat(buffer.length()).isEqualTo(2);
        source.close(EndReason.SOURCE_FAILED, null);
    }

    /** Who waits for room in the spool is not silent. */
    @Test
    void aDrainThatWaitsForRoomMayTakeItsTime() throws Exception {
        spool = new Spool(folder, 3 * Buffer.CHUNK, 10);
        SpoolSource source = spooled(new Chunks(noise(100 * Buffer.CHUNK), 0), Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();
        assertThat(source.waitsForRoom()).isTrue();

        clock.advance(SILENCE.multipliedBy(10));
        streams.sweep();

        assertThat(source.isDraining()).isTrue();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        read(source, read);
        assertThat(read.size()).isEqualTo(100 * Buffer.CHUNK);
        source.close(EndReason.COMPLETE, null);
    }

    @Test
    void aReaderThatLeavesEndsTheDrain() throws Exception {
        ScriptedSource inner = new ScriptedSource().says("a", MORE).says("b", WAIT);
        SpoolSource source = spooled(inner, Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();

        source.cancel();
        source.close(EndReason.CLIENT_GONE, null);

        assertThat(inner.events).endsWith("cancel", "close cancelled");
    }

    @Test
    void aFullSpoolHoldsTheDrain() throws Exception {
        spool = new Spool(folder, 3 * Buffer.CHUNK, 10);
        Chunks inner = new Chunks(noise(100 * Buffer.CHUNK), 0);
        SpoolSource source = spooled(inner, Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();

        assertThat(source.waitsForRoom()).isTrue();
        assertThat(spool.used()).isBetween(3L * Buffer.CHUNK, 5L * Buffer.CHUNK);
        assertThat(spool.hasPlace()).isFalse();

        source.cancel();
        source.close(EndReason.SPOOL_FULL, null);

        assertThat(inner.closed.get()).isEqualTo(EndReason.CANCELLED);
    }

    @Test
    void roomIsGivenBackAsSoonAsAllIsRead() throws Exception {
        ScriptedSource inner = new ScriptedSource().says("a", MORE).says("b", MORE);
        SpoolSource source = spooled(inner, Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();
        assertThat(spool.used()).isPositive();

        assertThat(source.fill(buffer, woken::incrementAndGet)).isEqualTo(MORE);

        assertThat(spool.used()).isZero();
        inner.says("c", END).wake();
        assertThat(readAll(source)).isEqualTo("abc");
        source.close(EndReason.COMPLETE, null);
    }

    @Test
    void aClientThatHasReadEverythingGetsMoreHoweverFullTheSpoolIs() throws Exception {
        spool = new Spool(folder, 3 * Buffer.CHUNK, 10);
        byte[] noise = noise(50 * Buffer.CHUNK);
        ScriptedSource waits = new ScriptedSource().says("a", MORE).says("", WAIT);
        SpoolSource fast = spooled(waits, Runnable::run);
        fast.fill(buffer, woken::incrementAndGet);
        fast.spool();
        buffer.clear();
        SpoolSource slow = spooled(new Chunks(noise, 0), Runnable::run);
        slow.fill(buffer, woken::incrementAndGet);
        slow.spool();
        assertThat(slow.waitsForRoom()).isTrue();

        buffer.clear();
        waits.says("b", MORE).says("c", MORE).says("d", END).wake();

        assertThat(fast.fill(buffer, woken::incrementAndGet)).isEqualTo(MORE);
        assertThat(fast.waitsForRoom()).isFalse();
        assertThat(readAll(fast)).isEqualTo("bcd");
        assertThat(slow.waitsForRoom()).isTrue();
        fast.close(EndReason.COMPLETE, null);
        slow.close(EndReason.CLIENT_GONE, null);
    }

    /** What is in the client's buffer leaves too little room for a piece as large as there may be. */
    @Test
    void theLargestPieceThatPassesDirectlyPassesThroughTheSpool() throws Exception {
        byte[] piece = noise(PIECE);
        ScriptedSource inner = new ScriptedSource()
                .says("a", MORE)
                .says("b", MORE)
                .does(into -> {
                    into.put(piece);
                    return MORE;
                })
                .says("", END);
        SpoolSource source = spooled(inner, Runnable::run);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();
        buffer.clear();

        ByteArrayOutputStream got = new ByteArrayOutputStream();
        read(source, got);

        assertThat(got.size()).isEqualTo(1 + PIECE);
        assertThat(Arrays.copyOfRange(got.toByteArray(), 1, 1 + PIECE)).isEqualTo(piece);
        source.close(EndReason.COMPLETE, null);
    }

    /** The JDK keeps a buffer for each thread that reads or writes a file, as large as the largest piece. */
    @Test
    void aLargePieceLeavesNoMemoryBehind() throws Exception {
        int large = 64 << 20;
        BufferPoolMXBean direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
        byte[] piece = noise(large);
        long before = direct.getMemoryUsed();
        ScriptedSource inner = new ScriptedSource().says("a", MORE).does(into -> {
            into.put(piece);
            return END;
        });
        Buffer wide = new Buffer(large);
        SpoolSource source = new SpoolSource(inner, spool, streams, true, Runnable::run, clock, limits(large), "test");
        source.fill(wide, woken::incrementAndGet);
        source.spool();
        long got = 0;
        for (Source.Step step = MORE; step != END; got += wide.length()) {
            wide.clear();
            step = source.fill(wide, woken::incrementAndGet);
        }

        assertThat(got).isEqualTo(large);
        assertThat(direct.getMemoryUsed() - before).isLessThan(large / 4);
        source.close(EndReason.COMPLETE, null);
    }

    @ParameterizedTest
    @ValueSource(ints = {4 * Buffer.CHUNK, 20 << 20})
    void roomThatIsReadIsThereForOthers(int budget) throws Exception {
        spool = new Spool(folder, budget, 10);
        byte[] noise = noise(64 << 20);
        SpoolSource source = spooled(new Chunks(noise, 0), workers);
        source.fill(buffer, woken::incrementAndGet);
        source.spool();
        await().atMost(LONG).until(source::waitsForRoom);

        ByteArrayOutputStream got = new ByteArrayOutputStream();
        read(source, got);

        assertThat(got.toByteArray()).isEqualTo(noise);
        source.close(EndReason.COMPLETE, null);
    }

    @Test
    void thereAreNoMoreStreamsThanAllowed() throws Exception {
        spool = new Spool(folder, 1 << 20, 1);
        SpoolSource first = spooled(new ScriptedSource().says("a", MORE), Runnable::run);
        SpoolSource second = spooled(new ScriptedSource().says("c", MORE).says("d", END), Runnable::run);
        first.fill(buffer, woken::incrementAndGet);
        first.spool();
        buffer.clear();
        second.fill(buffer, woken::incrementAndGet);

        assertThat(second.spool()).isFalse();
        assertThat(second.isDirect()).isTrue();
        assertThat(readAll(second)).isEqualTo("cd");
        first.close(EndReason.CLIENT_GONE, null);
        second.close(EndReason.COMPLETE, null);
    }

    @Test
    void aDiskThatCannotBeWrittenLeavesTheStreamAsItIs() throws Exception {
        Path gone = Files.createDirectory(folder.resolve("gone"));
        spool = new Spool(gone, 1 << 20, 1);
        Files.delete(gone);
        SpoolSource source = spooled(new ScriptedSource().says("a", MORE).says("b", END), Runnable::run);
        source.fill(buffer, woken::incrementAndGet);

        source.spool();

        assertThat(source.isDirect()).isTrue();
        assertThat(readAll(source)).isEqualTo("ab");
        source.close(EndReason.COMPLETE, null);
    }

    /** Readers, sources and the wish to spool at any pace and moment: what is read is what was said. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whateverTheInterleavingTheBytesAreTheSame(boolean compress) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(round);
            byte[] bytes = text(random, random.nextInt(400_000) + 1);
            Chunks inner = new Chunks(bytes, random.nextInt(4));
            SpoolSource source =
                    new SpoolSource(inner, spool, streams, compress, workers, clock, limits(PIECE), "round " + round);
            SlowTarget target = new SlowTarget(random.nextInt(3));
            Pump pump = streams.tracked(source, target, workers, limits(PIECE), "test", "");
            target.pump.set(pump);
            pump.writable();
            for (int i = random.nextInt(200); i > 0; i--) {
                Thread.onSpinWait();
            }
            source.spool();
            await().pollInterval(Duration.ofMillis(1)).atMost(LONG).until(() -> target.end.get() != null);
            assertThat(target.end).as("round %s", round).hasValue(EndReason.COMPLETE);
            assertThat(target.got.toByteArray()).as("round %s", round).isEqualTo(bytes);
            await().pollInterval(Duration.ofMillis(1)).atMost(LONG).until(() -> inner.closed.get() != null);
        }
        await().atMost(LONG).until(() -> streams.count() == 0);
    }

    private SpoolSource spooled(Source inner, java.util.concurrent.Executor executor) {
        return new SpoolSource(inner, spool, streams, true, executor, clock, limits(PIECE), "test");
    }

    private static Pump.Limits limits(int largestPiece) {
        return Pump.Limits.ofSource(SILENCE, largestPiece);
    }

    private String readAll(SpoolSource source) throws Exception {
        while (source.fill(buffer, woken::incrementAndGet) != END) {}
        return new String(buffer.array(), 0, buffer.length(), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Reads to the end, what is in the buffer included. */
    private void read(SpoolSource source, ByteArrayOutputStream into) throws Exception {
        Source.Step step = MORE;
        while (step != END) {
            into.write(buffer.array(), 0, buffer.length());
            buffer.clear();
            step = source.fill(buffer, woken::incrementAndGet);
        }
        into.write(buffer.array(), 0, buffer.length());
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(1).nextBytes(noise);
        return noise;
    }

    private static byte[] text(Random random, int length) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) ('a' + (random.nextInt(5) == 0 ? random.nextInt(26) : 0));
        }
        return text;
    }

    /** Hands bytes over in chunks; waits now and then for a wake-up from another thread. */
    private final class Chunks implements Source {
        private final byte[] bytes;
        private final int pauses;
        private final AtomicReference<@Nullable EndReason> closed = new AtomicReference<>();
        private int position;
        private boolean paused;

        Chunks(byte[] bytes, int pauses) {
            this.bytes = bytes;
            this.pauses = pauses;
        }

        @Override
        public Step fill(Buffer into, Runnable wakeUp) {
            if (pauses > 0 && position % (pauses * 17) == 0 && !paused) {
                paused = true;
                workers.execute(wakeUp);
                return WAIT;
            }
            paused = false;
            int some = Math.min(Buffer.CHUNK, bytes.length - position);
            into.put(bytes, position, some);
            position += some;
            return position == bytes.length ? END : MORE;
        }

        @Override
        public void close(EndReason reason, @Nullable Throwable error) {
            closed.set(reason);
        }
    }

    /** Is ready again a little after each write, told by another thread. */
    private final class SlowTarget implements Target {
        private final int slowness;
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();
        private final AtomicReference<@Nullable EndReason> end = new AtomicReference<>();
        private final AtomicReference<@Nullable Pump> pump = new AtomicReference<>();
        private volatile boolean ready = true;

        SlowTarget(int slowness) {
            this.slowness = slowness;
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void write(Buffer from) {
            got.write(from.array(), 0, from.length());
            Pump mine = pump.get();
            if (slowness > 0 && mine != null) {
                ready = false;
                workers.execute(() -> {
                    for (int i = 0; i < 1000 * slowness; i++) {
                        Thread.onSpinWait();
                    }
                    ready = true;
                    mine.writable();
                });
            }
        }

        @Override
        public void flush() {}

        @Override
        public void complete() {
            end.set(EndReason.COMPLETE);
        }

        @Override
        public void fail(EndReason reason, @Nullable Throwable error) {
            end.set(reason);
        }
    }
}
