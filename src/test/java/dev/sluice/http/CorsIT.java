package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Command;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What pages of other origins may do, seen with curl: a Java client would not send their headers. */
class CorsIT {
    private static final String ALLOWED = "https://app.example";

    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("demo-rows", "1")
                .set("cors.origins", ALLOWED)
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void aPreflightOfAnAllowedOriginIsAnswered() {
        String headers = preflight(ALLOWED);

        assertThat(headers)
                .startsWith("HTTP/1.1 204")
                .contains("Access-Control-Allow-Origin: " + ALLOWED)
                .contains("Access-Control-Allow-Methods: GET,")
                .contains("Authorization");
    }

    @Test
    void aPreflightOfAnotherOriginIsNot() {
        assertThat(preflight("https://evil.example")).startsWith("HTTP/1.1 403").doesNotContain("Access-Control-Allow");
    }

    @Test
    void anAllowedOriginMayReadTheHeadersOfAnExportAndItsErrors() {
        assertThat(head("/api/export/users", ALLOWED))
                .startsWith("HTTP/1.1 200")
                .contains("Access-Control-Allow-Origin: " + ALLOWED)
                .contains("Sluice-Estimated-Rows, Sluice-Rows")
                .contains("Vary: Origin");
        assertThat(head("/api/export/nothing", ALLOWED))
                .startsWith("HTTP/1.1 404")
                .contains("Access-Control-Allow-Origin: " + ALLOWED);
    }

    @Test
    void anotherOriginGetsNoPermission() {
        assertThat(head("/api/export/users", "https://evil.example")).doesNotContain("Access-Control-Allow");
    }

    private static String preflight(String origin) {
        return curl("-X", "OPTIONS", "-H", "Access-Control-Request-Method: GET", "-H", "Origin: " + origin);
    }

    private static String curl(String... options) {
        String[] command = new String[options.length + 4];
        System.arraycopy(new String[] {"curl", "-si"}, 0, command, 0, 2);
        System.arraycopy(options, 0, command, 2, options.length);
        command[options.length + 2] = "--no-buffer";
        command[options.length + 3] = server.url("/api/export/users");
        return run(command);
    }

    private static String head(String path, String origin) {
        return run("curl", "-sI", "-H", "Origin: " + origin, server.url(path));
    }

    private static String run(String... command) {
        try (Command curl = Command.start(command)) {
            assertThat(curl.exitCode()).isZero();
            return curl.text();
        }
    }
}
