package dev.sluice.channel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.sluice.channel.ChannelException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Checks what is published: one JSON value on one line, that every broker and every client can take. PostgreSQL's jsonb
 * refuses the character NUL, half characters and numbers without measure; one such publication must not fail the others
 * that are written with it. Stateless.
 */
final class PublicationData {
    private static final int DEPTH_MOST = 64;
    /** Beyond it lies what no double holds (RFC 8259, section 6). */
    private static final int EXPONENT_MOST = 400;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEPTH_MOST).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private PublicationData() {}

    /**
     * The data on one line.
     *
     * @throws ChannelException when they are too large or no such JSON
     */
    static String check(String data) {
        if (data.length() > Channels.DATA_MOST || data.getBytes(StandardCharsets.UTF_8).length > Channels.DATA_MOST) {
            throw refused("The data are larger than " + Channels.DATA_MOST + " bytes.");
        }
        try (JsonParser parser = FACTORY.createParser(data)) {
            readOne(parser);
        } catch (IOException e) {
            throw refused("The data are not valid JSON of at most " + DEPTH_MOST + " levels without a doubled name.");
        }
        // Only between tokens can a raw line break stand.
        return data.indexOf('\n') < 0 && data.indexOf('\r') < 0
                ? data
                : data.replace('\n', ' ').replace('\r', ' ');
    }

    private static void readOne(JsonParser parser) throws IOException {
        int depth = 0;
        do {
            JsonToken token = parser.nextToken();
            if (token == null) {
                throw refused("The data are no JSON value.");
            }
            checkToken(parser, token);
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        } while (depth > 0);
        if (parser.nextToken() != null) {
            throw refused("The data are more than one JSON value.");
        }
    }

    private static void checkToken(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME) {
            checkText(parser.getText());
        } else if (token.isNumeric()) {
            checkNumber(parser.getText());
        }
    }

    private static void checkText(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
            } else if (c == 0 || Character.isSurrogate(c)) {
                throw refused("The data hold the character NUL or half a character.");
            }
        }
    }

    private static void checkNumber(String number) {
        int e = Math.max(number.indexOf('e'), number.indexOf('E'));
        if (e >= 0 && !isSmall(number.substring(e + 1))) {
            throw refused("The data hold a number beyond all measure: " + number.substring(0, Math.min(20, e)) + "…");
        }
    }

    private static boolean isSmall(String exponent) {
        String digits = exponent.replaceFirst("^[+-]?0*", "");
        return digits.length() <= 3 && (digits.isEmpty() || Integer.parseInt(digits) <= EXPONENT_MOST);
    }

    private static ChannelException refused(String message) {
        return new ChannelException(Reason.BAD_REQUEST, message);
    }
}
