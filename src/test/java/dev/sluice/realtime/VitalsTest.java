package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VitalsTest {
    private static final long PING = ConnectionTest.SETTINGS.heartbeat().toMillis();
    private static final long PONG = ConnectionTest.SETTINGS.pongTimeout().toMillis();
    private static final long ASKED = 1_000_000;

    private final Vitals vitals = new Vitals(ConnectionTest.SETTINGS, ASKED - PING - 1);

    @BeforeEach
    void ask() {
        assertThat(vitals.asks(ASKED)).isTrue();
    }

    @Test
    void whoDoesNotAnswerInTimeIsDead() {
        assertThat(vitals.isDead(ASKED + PONG - 1, () -> false)).isFalse();
        assertThat(vitals.isDead(ASKED + PONG, () -> false)).isTrue();
    }

    @Test
    void whoTakesWhatItHadLetWaitIsAlive() {
        vitals.took(ASKED - 1);
        assertThat(vitals.asks(ASKED + 1)).isFalse();
        assertThat(vitals.isDead(ASKED + PONG, () -> false)).isTrue();

        vitals.took(ASKED + 1);
        assertThat(vitals.asks(ASKED + PONG)).isFalse();
        assertThat(vitals.isDead(ASKED + PONG, () -> false)).isFalse();
        assertThat(vitals.asks(ASKED + PING)).isTrue();
    }

    @Test
    void theTimeDoesNotRunWhileTheQuestionWaits() {
        assertThat(vitals.isDead(ASKED + PONG, () -> true)).isFalse();
        assertThat(vitals.isDead(ASKED + 2 * PONG, () -> true)).isFalse();
        // It has left since.
        assertThat(vitals.isDead(ASKED + 3 * PONG, () -> false)).isFalse();

        assertThat(vitals.isDead(ASKED + 4 * PONG - 1, () -> false)).isFalse();
        assertThat(vitals.isDead(ASKED + 4 * PONG, () -> false)).isTrue();
    }

    @Test
    void thatOneQuestionWaitedGivesTheNextNoMoreTime() {
        assertThat(vitals.isDead(ASKED + PONG, () -> true)).isFalse();
        vitals.heard(ASKED + PONG + 1);

        assertThat(vitals.asks(ASKED + PING)).isTrue();
        assertThat(vitals.isDead(ASKED + PING + PONG, () -> false)).isTrue();
    }
}
