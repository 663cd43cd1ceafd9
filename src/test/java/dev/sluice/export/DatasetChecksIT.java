package dev.sluice.export;

import static dev.sluice.export.ExportNode.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.ServerProcess;
import dev.sluice.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Datasets whose declarations do not fit their database: told at start, in one line each, and to whoever asks for them. */
class DatasetChecksIT {
    private static final String SETTINGS = """
            sluice.dataset.good.table=public.fruit
            sluice.dataset.good.key=ripe, id
            sluice.dataset.view.table=public.fruits
            sluice.dataset.view.key=id
            sluice.dataset.typo.table=public.fruit
            sluice.dataset.typo.key=idd
            sluice.dataset.left-out.table=public.fruit
            sluice.dataset.left-out.columns=name
            sluice.dataset.left-out.key=id
            sluice.dataset.nullable.table=public.fruit
            sluice.dataset.nullable.key=name, id
            sluice.dataset.query-typo.sql=SELECT 1 AS id
            sluice.dataset.query-typo.key=nope
            sluice.dataset.no-column.table=public.fruit
            sluice.dataset.no-column.columns=id, colour, size
            sluice.dataset.later.table=public.later
            sluice.dataset.broken.sql=SELECT nope FROM public.fruit
            sluice.dataset.mine.table=public.fruit
            sluice.dataset.mine.rls=true
            sluice.export.rls-role=nobody_of_this_name
            """;

    @TempDir
    Path folder;

    @Test
    void each_problem_is_one_line_at_start_and_a_typed_error_for_a_request() throws Exception {
        StringBuilder settings = new StringBuilder(SETTINGS);
        SETTINGS.lines()
                .filter(line -> line.startsWith("sluice.dataset."))
                .map(line -> line.replaceAll("\\.[a-z]+=.*", ".read=public"))
                .distinct()
                .forEach(line -> settings.append(line).append('\n'));
        try (TestDatabase database = TestDatabase.create()) {
            database.execute(
                    "CREATE DOMAIN public.ripeness AS int NOT NULL",
                    "CREATE TABLE public.fruit (id int PRIMARY KEY, name text, ripe public.ripeness)",
                    "CREATE VIEW public.fruits AS SELECT id, name FROM public.fruit",
                    "INSERT INTO public.fruit VALUES (1, 'apple', 3), (2, NULL, 1), (3, 'pear', 2)");
            Path file = Files.writeString(folder.resolve("sluice.properties"), settings);
            try (ServerProcess server = start(database, file)) {
                String url = server.awaitReady().url();

                assertLines(server.errors());
                assertAnswers(url);
                database.execute(
                        "CREATE TABLE public.later AS SELECT 42 AS x",
                        "UPDATE public.fruit SET name = '' WHERE name IS NULL",
                        "ALTER TABLE public.fruit ALTER name SET NOT NULL");
                assertThat(get(url, "/later.csv").text()).isEqualTo("x\n42\n");
                assertThat(get(url, "/nullable.csv?select=name,id&header=false&after=%5B%22%22,2%5D")
                                .text())
                        .isEqualTo("apple,1\npear,3\n");
                assertThat(server.terminate()).isZero();
            }
        }
    }

    private static void assertLines(List<String> log) {
        assertThat(log).filteredOn(line -> line.contains(" WARN ")).hasSize(8);
        assertLine(log, "export.rls-role does not exist", "nobody_of_this_name");
        assertLine(log, "\"typo\"", "\"idd\" is not among its columns", "key=");
        assertLine(log, "\"left-out\"", "\"id\" is not among its columns", "columns=");
        assertLine(log, "\"nullable\"", "\"name\" can be null", "NOT NULL");
        assertLine(log, "\"query-typo\"", "\"nope\" is not among its columns");
        assertLine(log, "no-column", "no column colour, size", "columns=");
        assertLine(log, "later", "no table public.later", "table=");
        assertLine(log, "broken", "nope");
    }

    private static void assertLine(List<String> log, String... parts) {
        assertThat(log)
                .filteredOn(line -> line.contains(" WARN ") && line.contains(parts[0]))
                .singleElement()
                .asString()
                .contains(parts);
    }

    private static void assertAnswers(String url) {
        assertThat(get(url, "/good.csv?select=id&header=false").text()).isEqualTo("2\n3\n1\n");
        assertThat(get(url, "/view.csv?select=id&header=false&after=1").text()).isEqualTo("2\n3\n");
        assertProblem(get(url, "/typo.csv"), 500, "misconfigured", "\"idd\"");
        assertProblem(get(url, "/left-out.csv"), 500, "misconfigured", "columns=");
        assertProblem(get(url, "/nullable.csv?after=x"), 500, "misconfigured", "\"name\" can be null");
        assertProblem(get(url, "/query-typo"), 500, "misconfigured", "\"nope\"");
        assertProblem(get(url, "/no-column"), 500, "query_failed", "42703");
        assertProblem(get(url, "/later"), 404, "not_found", "later");
        assertProblem(get(url, "/mine"), 500, "misconfigured", "export.rls-role");
        HttpReply catalogue = get(url, "");
        assertThat(catalogue.status()).isEqualTo(200);
        assertThat(catalogue.json().path("datasets").findValuesAsText("name")).contains("good", "view");
    }

    private ServerProcess start(TestDatabase database, Path settings) {
        return ServerProcess.start(
                folder.resolve("data"),
                "--database-url",
                database.jdbcUrl(),
                "--database-user",
                database.user(),
                "--database-password",
                database.password(),
                "--export-per-caller",
                "50",
                "--settings",
                settings.toString());
    }

    private static HttpReply get(String url, String path) {
        return HttpReply.to(url, "GET /api/export" + path + " HTTP/1.1");
    }
}
