package dev.sluice.realtime.centrifugo;

/**
 * A pattern in which {@code *} stands for any part of a text, and everything else for itself. Matching takes time in
 * proportion to the pattern times the text, whatever they are. Immutable.
 */
record Glob(String pattern) {
    private static final char ANY = '*';

    boolean matches(String text) {
        int at = 0;
        int in = 0;
        int star = -1;
        int afterStar = 0;
        while (at < text.length()) {
            if (in < pattern.length() && pattern.charAt(in) == ANY) {
                star = in++;
                afterStar = at;
            } else if (in < pattern.length() && pattern.charAt(in) == text.charAt(at)) {
                in++;
                at++;
            } else if (star >= 0) {
                // The last star takes one character more.
                in = star + 1;
                at = ++afterStar;
            } else {
                return false;
            }
        }
        return pattern.substring(in).chars().allMatch(c -> c == ANY);
    }
}
