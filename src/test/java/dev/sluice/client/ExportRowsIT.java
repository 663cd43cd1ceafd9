package dev.sluice.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Command;
import dev.sluice.support.CuttingProxy;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code client/export.js} in Node, over a network that breaks. */
class ExportRowsIT {
    /** Keys that a careless client would round, and texts that look like the end of a row. */
    private static final String ORDERS = "CREATE TABLE orders AS SELECT"
            + " '2026-01-01 00:00:00+00'::timestamptz + (g / 3) * '1 microsecond'::interval AS at,"
            + " 9007199254740991 + g AS number, 'line' || E'\\n' || '\"' || g || '\", \\' AS name,"
            + " md5(g::text) AS text, jsonb_build_object('number', 0, 'at', '}\"') AS facts"
            + " FROM generate_series(1::bigint, 20000) g";

    private static final int ROWS = 20_000;

    private static TestDatabase database;
    private static TestServer server;
    private static CuttingProxy network;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        database.execute(
                ORDERS,
                "ALTER TABLE orders ALTER at SET NOT NULL, ALTER number SET NOT NULL, ALTER name SET NOT NULL",
                "CREATE UNIQUE INDEX ON orders (at, number, name)");
        server = TestServer.with(database)
                .set("dataset.orders.table", "public.orders")
                .set("dataset.orders.columns", "facts, at as \"when\", number, name, text")
                .set("dataset.orders.key", "at, number, name")
                .set("dataset.orders.read", "public")
                .set("dataset.heap.sql", "SELECT * FROM public.orders")
                .set("dataset.heap.read", "public")
                .set("export.per-caller", "8")
                .start();
        network = CuttingProxy.inFrontOf(server.url());
    }

    @AfterAll
    static void stop() {
        network.close();
        server.close();
        database.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rows|''|/api/export/orders.ndjson",
                "rows|,\"limit\":15000|/api/export/orders.ndjson?limit=15000",
                "file|,\"format\":\"ndjson\"|/api/export/orders.ndjson",
                "file|,\"format\":\"csv\"|/api/export/orders.csv",
                "file|,\"format\":\"csv\",\"header\":false,\"delimiter\":\";\"|/api/export/orders.csv?header=false&delimiter=%3B",
                "file|,\"format\":\"csv\",\"excel\":true|/api/export/orders.csv?excel=true",
            })
    void aConnectionThatBreaksCostsNoRowAndDoublesNone(String what, String options, String path) throws Exception {
        byte[] whole = get(path);
        for (long seed = 1; seed <= 3; seed++) {
            network.cutAfter(new Random(seed).longs(4, 0, 100_000).toArray());
            String result = node(what, "{\"dataset\":\"orders\"" + options + "}");
            assertThat(network.cuts()).as("cuts of round %s", seed).isEqualTo(4);
            assertThat(result).as("round %s", seed).contains("\"sha256\":\"" + sha256(whole) + "\"");
            assertThat(result).contains("\"rows\":" + (path.contains("limit=") ? 15_000 : ROWS));
        }
    }

    @Test
    void withoutAKeyABreakIsToldAsOne() throws Exception {
        network.cutAfter(200_000);
        assertThat(node("file", "{\"dataset\":\"heap\",\"format\":\"csv\"}"))
                .contains("\"code\":\"not_resumable\"", "the dataset has no key");
        network.cutAfter();
        assertThat(node("file", "{\"dataset\":\"heap\",\"format\":\"csv\"}")).contains("\"rows\":" + ROWS);
    }

    @Test
    void whatTheServerRefusesIsToldInItsWords() throws Exception {
        network.cutAfter();
        assertThat(node("rows", "{\"dataset\":\"orders\",\"select\":[\"colour\"]}"))
                .contains("\"code\":\"unknown_column\"", "colour");
    }

    private static String node(String what, String options) {
        try (Command node = Command.start("node", "src/test/js/real-server.js", what, network.url(), options)) {
            assertThat(node.exitCode()).as(node.text()).isZero();
            return node.text();
        }
    }

    private static byte[] get(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(server.url(path))).build();
        HttpResponse<byte[]> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
