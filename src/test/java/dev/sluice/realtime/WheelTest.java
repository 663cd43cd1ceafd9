package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WheelTest {
    private static final long START = 1_000_000;

    private final Wheel wheel = new Wheel(START);
    private long now = START;

    @Test
    void wakesAtMostATickLateAndNeverEarly() {
        Random random = new Random(1);
        List<Sleeper> sleepers = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            sleepers.add(new Sleeper(START + 1 + random.nextInt(60_000)));
        }
        sleepers.forEach(Sleeper::schedule);

        for (; now < START + 61_000; now += 50) {
            wheel.advance(now);
        }

        assertThat(sleepers).allSatisfy(sleeper -> {
            assertThat(sleeper.wokenAt).isBetween(sleeper.due, sleeper.due + 2 * Wheel.TICK_MILLIS);
            assertThat(sleeper.wakes).isEqualTo(1);
        });
    }

    @Test
    void whoSleepsLongerThanTheWheelIsWokenInBetween() {
        Sleeper sleeper = new Sleeper(START + 1_000_000);
        sleeper.schedule();
        for (; now < START + 1_001_000; now += 200) {
            wheel.advance(now);
        }

        assertThat(sleeper.wokenAt).isBetween(sleeper.due, sleeper.due + 2 * Wheel.TICK_MILLIS);
        assertThat(sleeper.wakes).isEqualTo(1);
    }

    @Test
    void whoIsDueSoonerThanThoughtIsWokenOnce() {
        Sleeper sleeper = new Sleeper(START + 20_000);
        sleeper.schedule();
        sleeper.due = START + 5_000;
        sleeper.schedule();
        for (; now < START + 30_000; now += 200) {
            wheel.advance(now);
        }

        assertThat(sleeper.wokenAt).isBetween(START + 5_000, START + 5_000 + 2 * Wheel.TICK_MILLIS);
        assertThat(sleeper.wakes).isEqualTo(1);
    }

    @Test
    void afterALongPauseAllAreWoken() {
        List<Sleeper> sleepers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sleepers.add(new Sleeper(START + i * 1000L));
        }
        sleepers.forEach(Sleeper::schedule);
        now = START + 10_000_000;
        wheel.advance(now);

        assertThat(sleepers).allSatisfy(sleeper -> assertThat(sleeper.wakes).isEqualTo(1));
    }

    private final class Sleeper implements Wheel.Sleeper {
        private long due;
        private long tick = Long.MAX_VALUE;
        private long wokenAt;
        private int wakes;

        Sleeper(long due) {
            this.due = due;
        }

        void schedule() {
            tick = Wheel.tickOf(now, due);
            wheel.schedule(this, tick);
        }

        @Override
        public long tick() {
            return tick;
        }

        @Override
        public void wake(long nowMillis) {
            tick = Long.MAX_VALUE;
            if (nowMillis < due) {
                schedule();
            } else {
                wokenAt = nowMillis;
                wakes++;
            }
        }
    }
}
