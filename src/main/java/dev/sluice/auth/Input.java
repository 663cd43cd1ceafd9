package dev.sluice.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Checks what people type and programs send, with limits. Stateless. */
final class Input {
    /** RFC 5321, section 4.5.3.1.3, less the angle brackets. */
    static final int EMAIL_MOST = 254;

    static final int NAME_MOST = 100;
    static final int PASSWORD_LEAST = 8;
    /** Bcrypt does not see further. */
    static final int PASSWORD_MOST_BYTES = 72;

    static final String PASSWORD_RULE = "needs at least " + PASSWORD_LEAST + " characters, at most "
            + PASSWORD_MOST_BYTES + " bytes in UTF-8, and no control characters.";

    static final int ROLES_MOST = 20;
    private static final Pattern EMAIL =
            Pattern.compile("[^\\s@\\p{Cntrl}\"<>(),;:\\\\]{1,64}@[^\\s@\\p{Cntrl}]{1,253}");
    private static final Pattern ROLE = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,62}");

    private Input() {}

    /** The address as it is stored and compared: in lower case. */
    static String email(ObjectNode body) {
        String email = Json.requireText(body, "email", EMAIL_MOST);
        if (!isEmail(email)) {
            throw invalid("\"email\" is not an e-mail address.");
        }
        return email.toLowerCase(Locale.ROOT);
    }

    static boolean isEmail(String text) {
        return text.length() <= EMAIL_MOST && EMAIL.matcher(text).matches() && isPlain(text);
    }

    static String name(ObjectNode body) {
        String name = Json.requireText(body, "name", 2 * NAME_MOST).strip();
        int length = name.codePointCount(0, name.length());
        if (length < 1 || length > NAME_MOST || !isPlain(name)) {
            throw invalid("\"name\" needs 1 to " + NAME_MOST + " characters and no control characters.");
        }
        return name;
    }

    /** A password that somebody chooses. */
    static String newPassword(ObjectNode body, String member) {
        String password = Json.requireText(body, member, PASSWORD_MOST_BYTES);
        if (!isPassword(password)) {
            throw invalid("\"" + member + "\" " + PASSWORD_RULE);
        }
        return password;
    }

    static boolean isPassword(String text) {
        return text.codePointCount(0, text.length()) >= PASSWORD_LEAST && fitsBcrypt(text) && isPlain(text);
    }

    static boolean fitsBcrypt(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length <= PASSWORD_MOST_BYTES;
    }

    static Optional<List<String>> roles(ObjectNode body) {
        JsonNode roles = body.get("roles");
        if (roles == null) {
            return Optional.empty();
        }
        List<String> read = new ArrayList<>();
        roles.forEach(role -> read.add(role.isTextual() ? role.textValue() : ""));
        boolean valid = roles.isArray()
                && read.size() <= ROLES_MOST
                && read.stream().allMatch(role -> ROLE.matcher(role).matches());
        if (!valid) {
            throw invalid("\"roles\" is a list of at most " + ROLES_MOST + " names of letters, digits and _.-");
        }
        return Optional.of(read.stream().distinct().toList());
    }

    static Optional<Boolean> flag(ObjectNode body, String member) {
        JsonNode flag = body.get(member);
        if (flag == null) {
            return Optional.empty();
        }
        if (!flag.isBoolean()) {
            throw invalid("\"" + member + "\" is true or false.");
        }
        return Optional.of(flag.booleanValue());
    }

    /** An id from a path; what is no id cannot be found. */
    static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw notFound();
        }
    }

    static ProblemException invalid(String detail) {
        return new ProblemException(ErrorCode.INVALID_VALUE, detail);
    }

    static ProblemException notFound() {
        return new ProblemException(ErrorCode.NOT_FOUND, "There is nothing of yours here.");
    }

    /** Without control characters and half characters, which PostgreSQL or a terminal would choke on. */
    static boolean isPlain(String text) {
        return text.codePoints().noneMatch(c -> {
            int type = Character.getType(c);
            return type == Character.CONTROL
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR;
        });
    }
}
