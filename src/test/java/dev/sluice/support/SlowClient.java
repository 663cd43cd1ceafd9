package dev.sluice.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client that asks for something and then takes no more than it is told to, with a small receive buffer. */
public final class SlowClient implements AutoCloseable {
    private static final int RECEIVE_BUFFER = 4096;
    private static final int READ_TIMEOUT_MILLIS = 60_000;

    private final Socket socket;

    /** Connects and sends the request; nothing is read. */
    public SlowClient(String url, String... headers) {
        URI uri = URI.create(url);
        try {
            socket = new Socket();
            socket.setReceiveBufferSize(RECEIVE_BUFFER);
            socket.setSoTimeout(READ_TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
            String target = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
            StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: " + uri.getAuthority());
            for (String header : headers) {
                request.append("\r\n").append(header);
            }
            request.append("\r\n\r\n");
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads so many bytes, or fewer at the end of the stream, and gives them as text. */
    public String read(int bytes) {
        try {
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads what is here already, and no more than so many bytes of it; gives how many these were. */
    public int take(int most) {
        try {
            InputStream in = socket.getInputStream();
            return in.readNBytes(Math.min(most, in.available())).length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads until the server ends or breaks the connection, and gives the last bytes as text. */
    public String readToEnd() {
        byte[] some = new byte[RECEIVE_BUFFER];
        String last = "";
        try {
            InputStream in = socket.getInputStream();
            for (int got = 0; got >= 0; got = in.read(some)) {
                String more = last + new String(some, 0, got, StandardCharsets.ISO_8859_1);
                last = more.substring(Math.max(0, more.length() - RECEIVE_BUFFER));
            }
        } catch (IOException e) {
            // Broken: what came before is the end.
        }
        return last;
    }

    /** Goes away at once, as a killed process or a lost network does: with a reset. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
