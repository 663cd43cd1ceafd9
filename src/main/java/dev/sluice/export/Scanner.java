package dev.sluice.export;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;

/** Walks over one parameter's text: names, quoted names, values. Used by one thread. */
final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
        this.text = text;
    }

    boolean skip(char c) {
        boolean found = at < text.length() && text.charAt(at) == c;
        at += found ? 1 : 0;
        return found;
    }

    boolean skip(String word) {
        boolean found = text.startsWith(word, at);
        at += found ? word.length() : 0;
        return found;
    }

    /** Goes back over what was just skipped. */
    Scanner back(int characters) {
        at -= characters;
        return this;
    }

    boolean atEnd() {
        return at >= text.length();
    }

    /** A name: quoted, with doubled quotes inside, or plain up to one of the given characters. */
    String name(String ends) {
        skipSpaces();
        if (!skip('"')) {
            return until(ends).strip();
        }
        StringBuilder name = new StringBuilder();
        while (!atEnd()) {
            char c = text.charAt(at++);
            if (c != '"') {
                name.append(c);
            } else if (!skip('"')) {
                return name.toString();
            } else {
                name.append('"');
            }
        }
        throw malformed("a quoted name does not end");
    }

    /** All up to one of the given characters. */
    String until(String ends) {
        int start = at;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    /** A value of a list: quoted, with backslashes as escapes, or plain up to a comma or a closing parenthesis. */
    String value() {
        if (!skip('"')) {
            return until(",)");
        }
        StringBuilder value = new StringBuilder();
        while (!atEnd()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return value.toString();
            }
            value.append(c == '\\' && !atEnd() ? text.charAt(at++) : c);
        }
        throw malformed("a quoted value does not end");
    }

    /** A value of a condition in a group: as in a list, or an array in its braces. */
    String member() {
        int close = text.indexOf('}', at);
        boolean isArray = close > 0
                && text.charAt(at) == '{'
                && (text.indexOf('{', at + 1) < 0 || text.indexOf('{', at + 1) > close)
                && (close + 1 == text.length() || ",)".indexOf(text.charAt(close + 1)) >= 0);
        if (!isArray) {
            return value();
        }
        String array = text.substring(at, close + 1);
        at = close + 1;
        return array;
    }

    String rest() {
        String rest = text.substring(at);
        at = text.length();
        return rest;
    }

    void require(char c) {
        if (!skip(c)) {
            throw malformed("expected " + c + " at \"" + shortened(text.substring(at)) + "\"");
        }
    }

    void requireEnd(String parameter) {
        if (!atEnd()) {
            throw malformed("\"" + parameter + "\" goes on with \"" + shortened(text.substring(at)) + "\"");
        }
    }

    void skipSpaces() {
        while (skip(' ')) {}
    }

    /** A client's text as an error message may repeat it. */
    static String shortened(String text) {
        if (text.length() <= 100) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(59)) ? 59 : 60;
        return text.substring(0, end) + "…";
    }

    private static ProblemException malformed(String what) {
        return new ProblemException(ErrorCode.BAD_REQUEST, "The query is malformed: " + what + ".");
    }
}
