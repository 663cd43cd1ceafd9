package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.flow.Frame;
import dev.sluice.flow.OutboxEnd;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How long a close frame may take. */
class SocketWireTest {
    private static final CloseReason REASON = SocketWire.reason(3008, "Too slow");

    private final FakeSession session = new FakeSession(() -> "anybody");
    private final Upgrades upgrades = new Upgrades(ConnectionTest.SETTINGS, () -> 0, Optional.empty());
    private final SocketWire wire = new SocketWire(session.session(), () -> REASON, upgrades, Optional.empty());

    @Test
    void whoHasTakenEverythingHasTimeForTheCloseFrame() throws Exception {
        wire.send(List.of(Frame.of("a")), error -> {});
        wire.send(List.of(Frame.of("b"), Frame.of("c")), error -> {});
        wire.close(OutboxEnd.CLOSED);

        assertThatTheCloseFrameMayTake(250);
        assertThat(session.closed).isCompletedWithValue(REASON);
    }

    @Test
    void whoHasTakenTheLastWriteLateHasItToo() throws Exception {
        session.late = true;
        wire.send(List.of(Frame.of("a")), error -> wire.close(OutboxEnd.CLOSED));
        session.complete();

        assertThatTheCloseFrameMayTake(250);
    }

    @Test
    void nobodyWaitsForWhoTakesNothing() throws Exception {
        session.late = true;
        wire.send(List.of(Frame.of("a")), error -> {});
        wire.close(OutboxEnd.STALLED);

        assertThatTheCloseFrameMayTake(1);
    }

    @Test
    void whoIsNotLetInHasTimeForTheCloseFrame() {
        CloseReason full = SocketWire.reason(CloseCodes.TRY_AGAIN_LATER.getCode(), "Full");
        SocketWire.close(session.session(), full, SocketWire.CLOSE_MILLIS);

        assertThatTheCloseFrameMayTake(250);
    }

    private void assertThatTheCloseFrameMayTake(long millis) {
        assertThat(session.properties).containsEntry("org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT", millis);
    }
}
