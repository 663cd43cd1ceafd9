package dev.sluice.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.Command;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands of the documentation do what they are there for, on a server with the demo profile. */
@SuppressWarnings("NullAway.Init") // begun before all tests
class DocsIT {
    private static final Pattern OWN_METRIC = Pattern.compile("(?m)^# TYPE (sluice_\\w+) ");
    private static TestDatabase database;
    private static TestServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database).set("auth.signin-rate", "0").start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    static List<Page> pages() {
        return Page.all().stream()
                .filter(page -> page.blocks().stream().anyMatch(Page.Block::isRun))
                .filter(page -> !page.file().equals(DatasetsPageIT.PAGE))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void the_commands_of_a_page_succeed(Page page) throws IOException {
        Files.writeString(
                Files.createDirectory(folder.resolve("sluice-data")).resolve("postgres.url"), database.psqlUrl());
        new Shell(folder, server.url()).run(page);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void a_command_that_fails_is_noticed(List<String> lines) throws IOException {
        Shell shell = new Shell(folder, server.url());
        assertThatThrownBy(() -> shell.run(Page.of(Path.of("x.md"), lines))).isInstanceOf(AssertionError.class);
    }

    static List<List<String>> failures() {
        return List.of(
                List.of("```sh", "false", "true", "```"),
                List.of("```sh", "false | cat", "```"),
                List.of("```sh", "curl localhost:8080/api/export/nothing | cat", "```"),
                List.of("<!-- fails: it does not -->", "```sh", "curl localhost:8080/health/live", "```"));
    }

    @Test
    void the_table_of_metrics_is_what_prometheus_is_told() throws IOException {
        try (Command login = login();
                Command scrape = Command.start("curl", "-sf", server.url("/metrics"))) {
            assertThat(login.exitCode() + scrape.exitCode()).isZero();
            assertThat(Page.read(Path.of("docs/how-to/operate.md")).table("metric"))
                    .extracting(row -> row.substring(row.indexOf('`') + 1).replaceAll("[`{].*", ""))
                    .containsExactlyInAnyOrderElementsOf(OWN_METRIC
                            .matcher(scrape.text())
                            .results()
                            .map((MatchResult found) -> found.group(1))
                            .toList());
        }
    }

    /** Sign-ins are counted from the first one on. */
    private static Command login() {
        Command login = Command.start(
                "curl",
                "-sf",
                server.url("/api/auth/login"),
                "-H",
                "Content-Type: application/json",
                "-d",
                "{\"email\":\"alice@example.com\",\"password\":\"alice-demo\"}");
        assertThat(login.exitCode()).isZero();
        return login;
    }
}
