package dev.sluice.export;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request in the order they were written, decoded strictly: what is not UTF-8, or holds NUL, is an
 * error and no guess. Immutable.
 */
final class RequestParameters {
    /** One parameter: its name as written (decoded, quotes kept) and its value. */
    record Parameter(String name, String value) {}

    private final List<Parameter> all;

    private RequestParameters(List<Parameter> all) {
        this.all = all;
    }

    static RequestParameters parse(@Nullable String queryString) {
        List<Parameter> all = new ArrayList<>();
        for (String pair : queryString == null ? new String[0] : queryString.split("&")) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                all.add(new Parameter(decode(name), decode(value)));
            }
        }
        return new RequestParameters(all);
    }

    /** The value of a parameter that may be given once. */
    Optional<String> single(String name) {
        List<String> values = all.stream()
                .filter(p -> p.name().equals(name))
                .map(Parameter::value)
                .toList();
        if (values.size() > 1) {
            throw new ProblemException(ErrorCode.INVALID_VALUE, "\"" + name + "\" is given more than once.");
        }
        return values.stream().findFirst();
    }

    /** A parameter that is true or false; false when it is not given. */
    boolean flag(String name) {
        return switch (single(name).orElse("false")) {
            case "true", "" -> true;
            case "false" -> false;
            default -> throw new ProblemException(ErrorCode.INVALID_VALUE, "\"" + name + "\" takes true or false.");
        };
    }

    boolean has(String name) {
        return single(name).isPresent();
    }

    /** Whoever sends one believes to be signed in by it, and would see less than he may. */
    void refuseTokens() {
        for (String name : new String[] {"token", "ticket"}) {
            if (all.stream().anyMatch(p -> p.name().equals(name))) {
                throw new ProblemException(
                        ErrorCode.INVALID_VALUE,
                        "\"" + name
                                + "\" in the query is for sockets and event streams; here a token goes into the header"
                                + " Authorization: Bearer. A column of this name is filtered in quotes: \"" + name
                                + "\"=eq.x");
            }
        }
    }

    Stream<Parameter> all() {
        return all.stream();
    }

    private static String decode(String text) {
        byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes[length++] = hexByte(text, i);
                i += 2;
            } else {
                bytes[length++] = c == '+' ? (byte) ' ' : (byte) c;
            }
        }
        try {
            String decoded = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
            if (decoded.indexOf('\0') >= 0) {
                throw new ProblemException(ErrorCode.INVALID_VALUE, "A value holds NUL, which no text can.");
            }
            return decoded;
        } catch (CharacterCodingException e) {
            throw new ProblemException(ErrorCode.BAD_REQUEST, "The query string is not valid UTF-8.", e);
        }
    }

    private static byte hexByte(String text, int at) {
        int high = at + 2 < text.length() ? Character.digit(text.charAt(at + 1), 16) : -1;
        int low = at + 2 < text.length() ? Character.digit(text.charAt(at + 2), 16) : -1;
        if (high < 0 || low < 0) {
            throw new ProblemException(
                    ErrorCode.BAD_REQUEST, "The query string has a % that is not followed by two hexadecimal digits.");
        }
        return (byte) (high << 4 | low);
    }
}
