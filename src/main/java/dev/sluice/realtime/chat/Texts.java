package dev.sluice.realtime.chat;

/** Limits of what people write, in code points. Stateless. */
final class Texts {
    static final int NAME_MOST = 50;
    static final int TEXT_MOST = 2000;

    private Texts() {}

    static boolean isLonger(String text, int most) {
        return text.length() > most && text.codePointCount(0, text.length()) > most;
    }
}
