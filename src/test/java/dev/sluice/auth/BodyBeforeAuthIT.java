package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyBeforeAuthIT extends AuthFixture {
    /** The request promises 60 MB and sends none of them: only a server that does not read them can answer. */
    @ParameterizedTest
    @ValueSource(strings = {"", "Authorization: Bearer wrong\r\n"})
    void who_may_not_send_is_told_so_before_the_body_is_read(String header) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", node.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            String request = "POST /signed-in HTTP/1.1\r\nHost: localhost\r\n" + header
                    + "Content-Type: application/json\r\nContent-Length: 60000000\r\n\r\n";
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            assertThat(in.readLine()).startsWith("HTTP/1.1 401");
        }
    }
}
