package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.websocket.CloseReason;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Which sockets count, in a container that does not tell when it has let one go. */
class UpgradesTest {
    private static final CloseReason REASON = SocketWire.reason(1013, "Full");

    private final AtomicLong millis = new AtomicLong(1_000);
    private final Upgrades upgrades = new Upgrades(ConnectionTest.SETTINGS, millis::get, Optional.empty());

    @Test
    void whoIsClosedCountsAsLongAsTheAnswerMayTake() {
        upgrades.opened();
        FakeSession session = new FakeSession(() -> "anybody");
        upgrades.close(session.session(), REASON, 1);
        assertThat(session.closed).isCompletedWithValue(REASON);

        pass(20_900);
        assertThat(upgrades.count()).isEqualTo(1);
        pass(100);
        assertThat(upgrades.count()).isZero();
        pass(60_000);
        assertThat(upgrades.count()).isZero();
    }

    @Test
    void whoHasClosedItselfIsGoneAtOnce() {
        upgrades.opened();
        FakeSession session = new FakeSession(() -> "anybody");
        session.open = false;

        upgrades.close(session.session(), REASON, 1);

        assertThat(upgrades.count()).isZero();
    }

    @Test
    void thereIsATenthMoreRoomThanForConnectionsAndNeverLessThanTen() {
        for (int i = 0; i < 20; i++) {
            assertThat(upgrades.isFull()).isFalse();
            upgrades.opened();
        }
        assertThat(upgrades.isFull()).isTrue();
    }

    @Test
    void whoIsGoneByNowTakesNoPlaceFromTheNext() {
        FakeSession session = new FakeSession(() -> "anybody");
        for (int i = 0; i < 20; i++) {
            upgrades.opened();
        }
        upgrades.close(session.session(), REASON, 1);
        assertThat(upgrades.isFull()).isTrue();
        millis.addAndGet(21_000);
        assertThat(upgrades.isFull()).isFalse();
    }

    private void pass(long more) {
        millis.addAndGet(more);
        upgrades.sweep();
    }
}
