package dev.sluice.channel;

import dev.sluice.channel.ChannelException.Reason;

/**
 * The name of a channel in its parts: {@code namespace:rest}, or a bare name, which is the default channel of its
 * namespace. Immutable.
 */
record ChannelName(String whole, String namespace, String rest) {
    static final int MOST = 255;

    /** @throws ChannelException when nothing could be called so */
    static ChannelName of(String name) {
        int colon = name.indexOf(':');
        String namespace = colon < 0 ? name : name.substring(0, colon);
        if (name.isEmpty() || name.length() > MOST || colon == 0 || colon == name.length() - 1 || !isName(namespace)) {
            throw malformed();
        }
        return new ChannelName(name, namespace, colon < 0 ? "" : name.substring(colon + 1));
    }

    /**
     * Checks the part after the namespace.
     *
     * @param anyText whether it may be whatever can be shown: the subject of a caller
     */
    void requireRest(boolean anyText) {
        if (anyText ? !isPlain(rest) : !isName(rest)) {
            throw malformed();
        }
    }

    private static ChannelException malformed() {
        return new ChannelException(
                Reason.BAD_REQUEST,
                "The name of a channel is namespace:name or a bare name, of letters, digits and -_.:@, at most " + MOST
                        + " characters.");
    }

    private static boolean isName(String text) {
        return text.codePoints().allMatch(c -> Character.isLetterOrDigit(c) || "-_.:@".indexOf(c) >= 0);
    }

    private static boolean isPlain(String text) {
        return text.codePoints().allMatch(ChannelName::isShown);
    }

    private static boolean isShown(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.FORMAT,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
