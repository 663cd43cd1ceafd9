package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.Json;
import dev.sluice.support.ServerProcess;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exports are larger than the heap, whether their rows are many or wide. */
class SmallHeapIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"auto", "copy"})
    void manyRowsWideRowsAndRowsThatSuddenlyAreWideComplete(String lane) throws Exception {
        Path settings = Files.writeString(folder.resolve("sluice.properties"), """
                sluice.dataset.many.sql=SELECT g AS id, md5(g::text) AS text FROM generate_series(1, 1500000) g
                sluice.dataset.many.read=public
                sluice.dataset.wide.sql=SELECT g AS id, repeat(chr(97 + g % 26), 1048576) AS text FROM generate_series(1, 200) g
                sluice.dataset.wide.read=public
                sluice.dataset.sudden.sql=SELECT g AS id, repeat('x', CASE WHEN g > 5000 THEN 1048576 ELSE 1 END) AS text \
                  FROM generate_series(1, 5010) g
                sluice.dataset.sudden.read=public
                sluice.dataset.monster.sql=SELECT repeat('x', 40000000) AS text
                sluice.dataset.large.sql=SELECT repeat('x', 9000000) AS text
                sluice.dataset.large.read=public
                sluice.dataset.monster.read=public
                """);
        try (ServerProcess server = ServerProcess.start(
                        "64m",
                        folder.resolve("data"),
                        Map.of("SLUICE_EXPORT_LARGEST_ROW", "8M", "SLUICE_EXPORT_LANE", lane),
                        "",
                        "--demo-rows",
                        "10",
                        "--settings",
                        settings.toString())
                .awaitReady()) {
            assertThat(length(server, "many.csv")).isGreaterThan(56L * MEGABYTE);
            assertThat(length(server, "wide.ndjson")).isGreaterThan(200L * MEGABYTE);
            assertThat(length(server, "sudden.csv")).isGreaterThan(10L * MEGABYTE);
            assertThat(codeOf(get(server, "monster"))).isEqualTo("row_too_large");
            assertThat(codeOf(get(server, "large"))).isEqualTo("row_too_large");
            assertThat(length(server, "users.csv")).isPositive();
        }
    }

    /** Of a body that is whole. */
    private static long length(ServerProcess server, String name) throws Exception {
        HttpResponse<InputStream> response = get(server, name);
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body().transferTo(OutputStream.nullOutputStream());
    }

    private static String codeOf(HttpResponse<InputStream> response) throws Exception {
        return Json.parse(new String(response.body().readAllBytes(), StandardCharsets.UTF_8))
                .get("code")
                .asText();
    }

    private static HttpResponse<InputStream> get(ServerProcess server, String name) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(server.url() + "api/export/" + name))
                        .build(),
                BodyHandlers.ofInputStream());
    }
}
