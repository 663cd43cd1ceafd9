package dev.sluice.settings;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Channels: their limits and their namespaces.
 *
 * @param maxChannels channels with subscribers or members at once, on one node
 * @param maxStored channels that the database may know
 * @param perConnection channels that one connection may be subscribed to
 * @param permissionCache how long the answer of an SQL function is believed
 * @param tokenSecret secret of the connection and subscription tokens that an application signs
 * @param namespaces the built-in ones and those of the settings file
 */
public record ChannelSettings(
        int maxChannels,
        int maxStored,
        int perConnection,
        Duration permissionCache,
        Optional<String> tokenSecret,
        List<NamespaceSettings> namespaces) {
    private static final int SECRET_LEAST = 32;

    static final Setting<Integer> MAX_CHANNELS = Values.integer(
            "realtime.max-channels", 100_000, 1, 10_000_000, "Channels with subscribers at once; more are refused.");
    static final Setting<Integer> MAX_STORED = Values.integer(
            "realtime.max-stored-channels",
            1_000_000,
            1,
            10_000_000,
            "Channels with history that PostgreSQL knows, until a week after the last publication is no longer kept."
                    + " Publications to new ones beyond that are refused, but not those of sluice.publish. The same on all"
                    + " nodes.");
    static final Setting<Integer> PER_CONNECTION = Values.integer(
            "realtime.channels-per-connection", 128, 1, 100_000, "Channels that one connection may be subscribed to.");
    static final Setting<Duration> PERMISSION_CACHE = Values.duration(
            "realtime.permission-cache",
            "10s",
            "How long the answer of a subscribe-function or publish-function is believed.");
    static final Setting<Optional<String>> TOKEN_SECRET = Values.optional(
            "realtime.token-secret",
            "text",
            "Secret of the connection and subscription tokens (HS256) that your application signs, at least 32"
                    + " bytes.");
    static final Setting<Integer> MAX_ROOMS =
            Values.integer("chat.max-rooms", 500, 1, 1_000_000, "Chat rooms with members at once.");
    static final Setting<Integer> ROOM_MEMBERS =
            Values.integer("chat.room-members", 200, 1, 100_000, "Members of a chat room.");
    static final List<Setting<?>> ALL =
            List.of(MAX_CHANNELS, MAX_STORED, PER_CONNECTION, PERMISSION_CACHE, TOKEN_SECRET, MAX_ROOMS, ROOM_MEMBERS);

    static ChannelSettings read(SettingsReader in, Map<String, String> namespaces, boolean demo) {
        Map<String, Map<String, String>> builtIn =
                NamespaceReader.builtIn(demo, in.get(MAX_ROOMS), in.get(ROOM_MEMBERS));
        ChannelSettings read = new ChannelSettings(
                in.get(MAX_CHANNELS),
                in.get(MAX_STORED),
                in.get(PER_CONNECTION),
                in.get(PERMISSION_CACHE),
                in.get(TOKEN_SECRET),
                new NamespaceReader(in).read(builtIn, namespaces));
        if (read.tokenSecret()
                .filter(secret -> utf8Length(secret) < SECRET_LEAST)
                .isPresent()) {
            in.error("realtime.token-secret: expected at least " + SECRET_LEAST
                    + " bytes; HS256 is no stronger than its" + " secret (RFC 7518, section 3.2)");
        }
        return read;
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
