package dev.sluice.flow;

/**
 * A text message as it goes to clients: encoded once, shared by all outboxes that hold it. Immutable.
 */
public final class Frame {
    /** Asks the client for a sign of life, where the wire has a form for that beside texts. */
    public static final Frame PING = new Frame("", 0);

    private final String text;
    private final int bytes;

    private Frame(String text, int bytes) {
        this.text = text;
        this.bytes = bytes;
    }

    public static Frame of(String text) {
        return new Frame(text, utf8Length(text));
    }

    public String text() {
        return text;
    }

    /** Its length in UTF-8. */
    public int bytes() {
        return bytes;
    }

    /** The length of a text in UTF-8; half of a surrogate pair counts as half of its four bytes. */
    public static int utf8Length(CharSequence text) {
        int length = text.length();
        int bytes = length;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        return bytes;
    }
}
