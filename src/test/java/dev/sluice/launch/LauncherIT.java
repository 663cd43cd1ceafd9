package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar sluice.war} and what it prints and answers, good and bad. */
class LauncherIT {
    @TempDir
    Path folder;

    private Path data;

    @BeforeEach
    void chooseDataFolder() {
        data = folder.resolve("data");
    }

    @AfterEach
    void stopDatabase() throws IOException, InterruptedException {
        TestLauncher.stopOrphan(data);
    }

    @Test
    void prints_help_and_version() throws InterruptedException {
        try (ServerProcess help = ServerProcess.start(data, "--help");
                ServerProcess version = ServerProcess.start(data, "--version")) {
            assertThat(help.exitCode()).isZero();
            assertThat(help.output()).anyMatch(line -> line.contains("--demo-rows"));
            assertThat(help.errors()).isEmpty();
            assertThat(version.exitCode()).isZero();
            assertThat(version.output()).singleElement().asString().matches("Sluice \\d+\\.\\d+\\.\\d+.*");
            assertThat(data).doesNotExist();
        }
    }

    @Test
    void names_all_wrong_settings_at_once() throws InterruptedException {
        Map<String, String> environment = Map.of("SLUICE_DEMO_ROWS", "many");
        try (ServerProcess server = ServerProcess.start(data, environment, "", "--port", "x", "--colour", "--host=")) {
            assertThat(server.exitCode()).isEqualTo(1);
            assertThat(server.output()).isEmpty();
            assertThat(server.errors())
                    .anyMatch(line -> line.startsWith("--port: expected"))
                    .anyMatch(line -> line.startsWith("--colour: there is no such option"))
                    .anyMatch(line -> line.startsWith("SLUICE_DEMO_ROWS: expected"));
        }
    }

    @Test
    void a_demo_listens_on_loopback_addresses_only() throws InterruptedException {
        expectOneLine("listens on loopback addresses only, not on 0.0.0.0", "--host", "0.0.0.0");
    }

    @Test
    void a_port_in_use_is_one_clear_line() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String port = Integer.toString(taken.getLocalPort());
            expectOneLine("Port " + port + " is in use", "--port", port);
            assertThat(data.resolve("postgres")).doesNotExist();
        }
    }

    @Test
    void an_unknown_host_is_one_clear_line() throws Exception {
        expectOneLine("Cannot listen on 192.0.2.1 port 0", "--host", "192.0.2.1", "--no-demo");
    }

    @Test
    void a_data_folder_that_cannot_be_written_is_one_clear_line() throws Exception {
        Files.writeString(data, "not a folder");
        expectOneLine("The data folder " + data + " cannot be read and written");
        Files.delete(data);
    }

    @Test
    void a_data_folder_of_another_major_version_is_one_clear_line() throws Exception {
        Files.createDirectories(data.resolve("postgres"));
        Files.writeString(data.resolve("postgres/PG_VERSION"), "15\n");
        expectOneLine("holds data of PostgreSQL 15, and this Sluice runs PostgreSQL 18");
    }

    @Test
    void a_data_folder_in_use_by_another_sluice_is_one_clear_line() throws Exception {
        try (ServerProcess first = ServerProcess.start(data).awaitReady()) {
            expectOneLine("is in use by another Sluice");
            assertThat(get(first.url()).statusCode()).isLessThan(500);
            assertThat(first.terminate()).isZero();
        }
    }

    @Test
    void create_admin_wants_an_address_and_a_password() throws Exception {
        expectOneLine("create-admin: expected an e-mail address", "create-admin");
        expectOneLine("create-admin: expected the password", "create-admin", "a@example.com");
    }

    @Test
    void its_own_refusals_are_problem_documents_and_its_classes_are_private() throws Exception {
        try (ServerProcess server = ServerProcess.start(data).awaitReady()) {
            assertThat(server.output()).containsExactly("Sluice is ready at " + server.url());
            for (String path : new String[] {
                "dev/sluice/launch/Main.class",
                "dev/sluice/settings/Settings.class",
                "WEB-INF/web.xml",
                "META-INF/context.xml"
            }) {
                assertThat(get(server.url() + path).statusCode()).as(path).isIn(403, 404);
            }
            HttpResponse<String> longHeader = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(server.url()))
                                    .header("X-Long", "x".repeat(40_000))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(longHeader.statusCode()).isEqualTo(400);
            assertThat(longHeader.headers().firstValue("Content-Type").orElse(""))
                    .startsWith("application/problem+json");
            assertThat(longHeader.headers().firstValue("Server")).isEmpty();
            assertThat(longHeader.body())
                    .contains("\"code\":\"bad_request\"", "\"requestId\":\"")
                    .doesNotContain("Tomcat");
            assertThat(server.terminate()).isZero();
        }
    }

    private void expectOneLine(String part, String... arguments) throws InterruptedException {
        try (ServerProcess server = ServerProcess.start(data, arguments)) {
            assertThat(server.exitCode()).isEqualTo(1);
            assertThat(server.errors()).singleElement().asString().contains(part);
            assertThat(server.output()).isEmpty();
        }
    }

    private static HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }
}
