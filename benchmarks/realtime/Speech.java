/** How a server is spoken to: the same messages everywhere, in Sluice's form or in that of socket.io. Immutable. */
enum Speech {
    /** {@code {"type", "payload", "ts"}}. */
    PLAIN("/ws", "{\"type\":\"%s\",\"payload\":", "}"),
    /** Events of engine.io, version 4. */
    SOCKET_IO("/socket.io/?EIO=4&transport=websocket", "42[\"%s\",", "]");

    /** What the channels of rooms begin with. */
    static final String ROOM = "room:";

    /** Decimal digits with which the data of a message begin: its number. */
    static final int DIGITS = 8;

    /** Of a message that nobody keeps. */
    private static final int BEHIND_DATA = "\",\"event\":\"message\",\"offset\":0},\"ts\":1234567890123}".length();

    private final String path;
    private final String begin;
    private final String end;

    Speech(String path, String begin, String end) {
        this.path = path;
        this.begin = begin;
        this.end = end;
    }

    String path() {
        return path;
    }

    String say(String type, String payload) {
        return begin.formatted(type) + payload + end;
    }

    boolean isOf(String text, String type) {
        return text.startsWith(begin.formatted(type));
    }

    /** What stands before the number of a message of this channel. */
    String beforeNumber(String channel) {
        return begin.formatted("channel:message") + "{\"channel\":\"" + channel + "\",\"data\":\"";
    }

    /** Whether the server has let the client in. */
    boolean isWelcome(String text) {
        return this == SOCKET_IO ? text.startsWith("40") : isOf(text, "connected");
    }

    /** What a client owes to a text of the protocol's own; empty = nothing. */
    String owed(String text) {
        if (this == PLAIN) {
            return "";
        }
        return text.startsWith("0") ? "40" : text.equals("2") ? "3" : "";
    }

    /** @param channel of a room, joins it */
    String subscribe(String channel, String since) {
        if (channel.startsWith(ROOM)) {
            return say("chat:join", "{\"room\":\"" + channel.substring(ROOM.length()) + "\"}");
        }
        return say("channel:subscribe", "{\"channel\":\"" + channel + "\"" + since + "}");
    }

    /** A publication of which each client gets so many bytes of text, in the plain form; with the same data in others. */
    String publish(String channel, int number, int bytes) {
        String digits = String.format("%0" + DIGITS + "d", number);
        int envelope = PLAIN.beforeNumber(channel).length() + BEHIND_DATA;
        String data = digits + "x".repeat(Math.max(0, bytes - envelope - DIGITS));
        return say("channel:publish", "{\"channel\":\"" + channel + "\",\"data\":\"" + data + "\"}");
    }
}
