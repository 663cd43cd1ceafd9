package dev.sluice.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** JSON bodies in and out, with their limits. Stateless; its mapper is thread-safe and never reconfigured. */
public final class Json {
    private static final int MAX_DEPTH = 64;
    private static final ObjectMapper MAPPER = JsonMapper.builder(new com.fasterxml.jackson.core.JsonFactoryBuilder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // Four bytes, as in UTF-8; the default is twelve, by two escapes.
                    .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .build();
    private static final ObjectReader EXACT = MAPPER.reader(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;\\]]*; ");

    private Json() {}

    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not serialisable: " + value.getClass(), e);
        }
    }

    public static String text(Object value) {
        return new String(bytes(value), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** A JSON tree of a text, its numbers exact. */
    public static JsonNode parse(String text) {
        try {
            return EXACT.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + message(e), e);
        }
    }

    /** A JSON object of a text of our own, as plain maps, lists, texts, numbers and flags. */
    public static Map<String, Object> parseMap(String text) {
        try {
            return MAPPER.readValue(text, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a JSON object: " + message(e), e);
        }
    }

    /** Answers with a JSON body. */
    public static void send(HttpServletResponse response, int status, Object value) throws IOException {
        byte[] body = bytes(value);
        response.setStatus(status);
        response.setContentType("application/json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /**
     * Reads the body as one JSON object.
     *
     * @throws ProblemException 413, 415, 408 or 400 with what is wrong
     */
    public static ObjectNode readObject(HttpServletRequest request, RequestBodies bodies) throws IOException {
        return readObject(request, bodies, MAPPER.reader());
    }

    private static ObjectNode readObject(HttpServletRequest request, RequestBodies bodies, ObjectReader reader)
            throws IOException {
        requireJson(request);
        byte[] body = bodies.read(request);
        try {
            if (reader.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new ProblemException(ErrorCode.BAD_REQUEST, "The body is not valid JSON: " + message(e), e);
        }
        throw new ProblemException(ErrorCode.BAD_REQUEST, "The body must be a JSON object.");
    }

    /** As {@link #readObject}, with numbers as they were written: for what is handed on. */
    public static ObjectNode readExactObject(HttpServletRequest request, RequestBodies bodies) throws IOException {
        return readObject(request, bodies, EXACT);
    }

    /** As {@link #readObject}, where no body at all is an empty object. */
    public static ObjectNode readOptionalObject(HttpServletRequest request, RequestBodies bodies) throws IOException {
        boolean empty = request.getContentLengthLong() == 0
                || (request.getContentLengthLong() < 0 && request.getHeader("Transfer-Encoding") == null);
        return empty ? MAPPER.createObjectNode() : readObject(request, bodies);
    }

    /**
     * A text member of a body.
     *
     * @throws ProblemException when it is missing, not text or longer than {@code most} characters
     */
    public static String requireText(ObjectNode body, String name, int most) {
        JsonNode value = body.get(name);
        if (value == null || !value.isTextual()) {
            throw new ProblemException(ErrorCode.INVALID_VALUE, "\"" + name + "\" is needed, as text.");
        }
        if (value.textValue().length() > most) {
            throw new ProblemException(
                    ErrorCode.INVALID_VALUE, "\"" + name + "\" is longer than " + most + " characters.");
        }
        return value.textValue();
    }

    /** Without the parser's words about a source that it does not show anyway. */
    private static String message(JsonProcessingException error) {
        return SOURCE.matcher(error.getOriginalMessage()).replaceAll("[");
    }

    private static void requireJson(HttpServletRequest request) {
        String type = request.getContentType();
        String bare = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!bare.equals("application/json")) {
            throw new ProblemException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json.")
                    .header("Accept", "application/json");
        }
    }
}
