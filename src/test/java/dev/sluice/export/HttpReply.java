package dev.sluice.export;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * An answer read from a socket, so that its trailers, its end and its exact bytes can be seen. Immutable.
 *
 * @param status the status code
 * @param headers by their names in lower case
 * @param body without the chunks around it
 * @param trailers by their names in lower case
 * @param complete whether the body came to the end that the protocol gives it
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record HttpReply(int status, Map<String, String> headers, byte[] body, Map<String, String> trailers, boolean complete) {
    private static final int TIMEOUT_MILLIS = 60_000;

    /**
     * Sends a request and reads until the server closes.
     *
     * @param url where the server listens
     * @param line {@code GET /path HTTP/1.1}
     * @param headers {@code Name: value}
     */
    static HttpReply to(String url, String line, String... headers) {
        URI server = URI.create(url);
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            StringBuilder request = new StringBuilder(line)
                    .append("\r\nHost: ")
                    .append(server.getAuthority())
                    .append("\r\nConnection: close\r\n");
            for (String header : headers) {
                request.append(header).append("\r\n");
            }
            socket.getOutputStream().write(request.append("\r\n").toString().getBytes(ISO_8859_1));
            return parse(line.startsWith("HEAD "), socket.getInputStream().readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpReply parse(boolean head, byte[] all) {
        String text = new String(all, ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new AssertionError("No answer: " + text);
        }
        int status = Integer.parseInt(text.split(" ", 3)[1]);
        Map<String, String> headers = fields(text.substring(text.indexOf("\r\n") + 2, end + 2));
        String rest = text.substring(end + 4);
        if (!head && "chunked".equals(headers.get("transfer-encoding"))) {
            return chunked(status, headers, rest);
        }
        String length = headers.get("content-length");
        boolean complete = head || length == null || Integer.parseInt(length) == rest.length();
        return new HttpReply(status, headers, rest.getBytes(ISO_8859_1), Map.of(), complete);
    }

    private static HttpReply chunked(int status, Map<String, String> headers, String rest) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            int lineEnd = rest.indexOf("\r\n", at);
            if (lineEnd < 0) {
                return new HttpReply(status, headers, body.toByteArray(), Map.of(), false);
            }
            int size = Integer.parseInt(rest.substring(at, lineEnd), 16);
            at = lineEnd + 2;
            if (size == 0) {
                boolean complete =
                        rest.endsWith("\r\n\r\n") || rest.substring(at).equals("\r\n");
                return new HttpReply(status, headers, body.toByteArray(), fields(rest.substring(at)), complete);
            }
            int chunkEnd = Math.min(rest.length(), at + size);
            body.writeBytes(rest.substring(at, chunkEnd).getBytes(ISO_8859_1));
            at = chunkEnd + 2;
            if (at > rest.length()) {
                return new HttpReply(status, headers, body.toByteArray(), Map.of(), false);
            }
        }
    }

    private static Map<String, String> fields(String lines) {
        Map<String, String> fields = new HashMap<>();
        lines.lines().filter(line -> line.contains(":")).forEach(line -> {
            String[] field = line.split(":", 2);
            fields.merge(field[0].toLowerCase(java.util.Locale.ROOT), field[1].strip(), (a, b) -> a + "," + b);
        });
        return fields;
    }

    String text() {
        return new String(body, UTF_8);
    }

    String header(String name) {
        return headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), "");
    }

    JsonNode json() {
        return Json.parse(text());
    }

    byte[] unzipped() {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
