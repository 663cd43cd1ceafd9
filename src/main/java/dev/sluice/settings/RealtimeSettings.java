package dev.sluice.settings;

import java.time.Duration;
import java.util.List;

/**
 * Limits of live connections, for one node.
 *
 * @param maxConnections sockets at once
 * @param perUser sockets of one user; 0 = no limit of its own
 * @param perAddress sockets of one address; 0 = no limit of its own
 * @param messageRate messages that one socket may send
 * @param publishRate publications of one socket
 * @param heartbeat how often a socket is asked for a sign of life
 * @param pongTimeout how long it may take to give one
 * @param authTimeout how long a socket may stay without a caller, where it needs one
 * @param frameBytes largest message of a client
 * @param incomingBytes bytes of messages that have come in part, of all sockets
 * @param outboxMessages messages that may wait for one socket
 * @param outboxBytes bytes that may wait for one socket
 * @param outboxAge how long one write to a socket may take
 */
public record RealtimeSettings(
        int maxConnections,
        int perUser,
        int perAddress,
        Rate messageRate,
        Rate publishRate,
        Duration heartbeat,
        Duration pongTimeout,
        Duration authTimeout,
        int frameBytes,
        long incomingBytes,
        int outboxMessages,
        long outboxBytes,
        Duration outboxAge) {
    /** More would not fit into arrays. */
    private static final long MOST_BYTES = 1L << 30;

    static final Setting<Integer> MAX_CONNECTIONS = Values.integer(
            "realtime.max-connections",
            10_000,
            1,
            1_000_000,
            "Sockets at once; further ones are closed with 1013, and those beyond a tenth more get 503. The connector's"
                    + " maxConnections must be higher.");
    static final Setting<Integer> PER_USER = Values.integer(
            "realtime.per-user", 1000, 0, 1_000_000, "Sockets of one user at once; 0 = no limit of its own.");
    static final Setting<Integer> PER_ADDRESS = Values.integer(
            "realtime.per-address",
            0,
            0,
            1_000_000,
            "Sockets of one address at once (IPv6: of one /64); 0 = no limit of its own: behind a proxy that is not in"
                    + " trusted-proxies, all have one address.");
    static final Setting<Rate> MESSAGE_RATE = Values.rate(
            "realtime.message-rate",
            "200/s",
            "Messages that one socket may send; more are refused, and a socket that goes on is closed with 1008.");
    static final Setting<Rate> PUBLISH_RATE = Values.rate(
            "realtime.publish-rate", "100/s", "Publications of one socket; more are refused, as with messages.");
    static final Setting<Duration> HEARTBEAT =
            Values.duration("realtime.heartbeat", "30s", "How often each socket is asked for a sign of life.");
    static final Setting<Duration> PONG_TIMEOUT = Values.duration(
            "realtime.pong-timeout", "10s", "How long a socket may take to give one before it is let go.");
    static final Setting<Duration> AUTH_TIMEOUT = Values.duration(
            "realtime.auth-timeout", "10s", "How long a socket that needs a token may take to send it.");
    static final Setting<Long> FRAME_BYTES =
            Values.size("realtime.frame-bytes", "64K", "Largest message of a client; a larger one closes with 1009.");
    static final Setting<Long> INCOMING_BYTES = Values.size(
            "realtime.incoming-bytes",
            "16M",
            "Bytes of messages that have come in part, of all sockets together; a socket that wants more is closed with"
                    + " 1013.");
    static final Setting<Integer> OUTBOX_MESSAGES = Values.integer(
            "realtime.outbox-messages",
            10_000,
            1,
            1_000_000,
            "Messages that may wait for one socket; a slower one is let go with 3008.");
    static final Setting<Long> OUTBOX_BYTES =
            Values.size("realtime.outbox-bytes", "1M", "Bytes that may wait for one socket, as with messages.");
    static final Setting<Duration> OUTBOX_AGE = Values.duration(
            "realtime.outbox-age", "10s", "How long one write to a socket may take before it is let go.");

    static final List<Setting<?>> ALL = List.of(
            MAX_CONNECTIONS,
            PER_USER,
            PER_ADDRESS,
            MESSAGE_RATE,
            PUBLISH_RATE,
            HEARTBEAT,
            PONG_TIMEOUT,
            AUTH_TIMEOUT,
            FRAME_BYTES,
            INCOMING_BYTES,
            OUTBOX_MESSAGES,
            OUTBOX_BYTES,
            OUTBOX_AGE);

    static RealtimeSettings read(SettingsReader in) {
        return new RealtimeSettings(
                in.get(MAX_CONNECTIONS),
                in.get(PER_USER),
                in.get(PER_ADDRESS),
                in.get(MESSAGE_RATE),
                in.get(PUBLISH_RATE),
                positive(in, HEARTBEAT),
                positive(in, PONG_TIMEOUT),
                positive(in, AUTH_TIMEOUT),
                (int) bounded(in, FRAME_BYTES),
                bounded(in, INCOMING_BYTES),
                in.get(OUTBOX_MESSAGES),
                bounded(in, OUTBOX_BYTES),
                positive(in, OUTBOX_AGE));
    }

    private static Duration positive(SettingsReader in, Setting<Duration> setting) {
        Duration value = in.get(setting);
        if (value.isZero()) {
            in.error(setting.name() + ": expected more than 0");
        }
        return value;
    }

    private static long bounded(SettingsReader in, Setting<Long> setting) {
        long value = in.get(setting);
        if (value < 1 || value > MOST_BYTES) {
            in.error(setting.name() + ": expected 1 to 1G");
        }
        return Math.min(value, MOST_BYTES);
    }
}
