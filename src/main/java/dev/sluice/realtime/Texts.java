package dev.sluice.realtime;

/** What people write, and what they are called. Stateless. */
public final class Texts {
    private Texts() {}

    /** Whether a name is nothing but what can be shown, in the order in which it was typed. */
    public static boolean isPlain(String name) {
        return name.codePoints().noneMatch(Texts::isControl);
    }

    private static boolean isControl(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                true;
            default -> isOverride(c);
        };
    }

    /** What turns the text around it: Unicode's explicit embeddings, overrides and isolates (UAX #9, section 2). */
    private static boolean isOverride(int c) {
        return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    }

    /** Whether it has no half of a character, and no NUL, which PostgreSQL has not. */
    public static boolean isWhole(String text) {
        return text.codePoints().noneMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
    }

    /** Whether it has more than so many code points. */
    public static boolean isLonger(String text, int most) {
        return text.length() > most && text.codePointCount(0, text.length()) > most;
    }
}
