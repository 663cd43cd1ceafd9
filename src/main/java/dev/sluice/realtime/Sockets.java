package dev.sluice.realtime;

import dev.sluice.flow.Outboxes;
import dev.sluice.settings.RealtimeSettings;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all connections share. Thread-safe.
 *
 * @param incomingBytes of messages that have come in part
 * @param clock for time stamps
 */
record Sockets(
        RealtimeSettings settings,
        Outboxes outboxes,
        Wheel wheel,
        SessionRegistry registry,
        Upgrades upgrades,
        Identities identities,
        ConnectionMetrics metrics,
        AtomicLong incomingBytes,
        InstantSource clock,
        Optional<GatheredWrites> writes) {
    /** For durations, in milliseconds; as of the last sweep. */
    long now() {
        return outboxes.now();
    }

    Incoming incoming() {
        return new Incoming(incomingBytes, settings.frameBytes(), settings.incomingBytes());
    }
}
