package dev.sluice.export;

import static dev.sluice.export.ExportNode.ADMIN;
import static dev.sluice.export.ExportNode.USER;
import static dev.sluice.export.ExportNode.assertBody;
import static dev.sluice.export.ExportNode.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who may read what. The exported database is another one than Sluice's own, under a role that may only read, and whose
 * defaults are as hostile as an administrator can make them.
 */
@InBothLanes
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // made before all tests
class ExportAccessIT {
    private static final String READER = "export_access_reader";
    private static final String WEB = "export_access_web";

    @Parameter
    private Lane lane;

    private TestDatabase exported;
    private ExportNode node;
    private String alice;
    private String bob;

    @BeforeParameterizedClassInvocation
    void start() throws Exception {
        exported = TestDatabase.create();
        exported.execute(
                "CREATE SCHEMA shop",
                "CREATE SCHEMA hidden",
                "CREATE TABLE shop.orders (id int PRIMARY KEY, name text)",
                "INSERT INTO shop.orders SELECT i, 'order ' || i FROM generate_series(1, 10) AS i",
                "CREATE TABLE shop.secret (id int PRIMARY KEY)",
                "CREATE TABLE hidden.orders (id int PRIMARY KEY)",
                "CREATE TABLE shop.things AS SELECT 1.0::float8 / 3 AS f, 1e-7::float4 AS f4, '\\x00ff'::bytea AS b,"
                        + " '2024-03-31 01:30:00+00'::timestamptz AS t, '2024-02-03'::date AS d,"
                        + " '1 year 2 mons -3 days 04:05:06'::interval AS i, 1234567.89::money AS m, 'a\\b''c'::text AS s,"
                        + " ARRAY[NULL, 'x', 'null']::text[] AS a, 'shop.orders'::regclass AS c, 1.50::numeric AS n,"
                        + " '<a/>'::xml AS x, tstzrange('2024-01-01Z', NULL) AS r, '1 day'::interval AS \"user\"",
                "CREATE TABLE shop.notes (id int PRIMARY KEY, owner text, note text)",
                "INSERT INTO shop.notes SELECT i, CASE i % 3 WHEN 0 THEN 'demo-reader' WHEN 1 THEN 'demo-admin' END, 'n' || i"
                        + " FROM generate_series(1, 9) AS i",
                "ALTER TABLE shop.notes ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY own ON shop.notes FOR SELECT USING"
                        + " (owner = current_setting('request.jwt.claims', true)::json->>'sub')",
                "CREATE POLICY everybody ON shop.notes FOR SELECT TO " + quotedWeb() + " USING (owner IS NULL AND"
                        + " current_setting('request.jwt.claims', true)::json->>'role' = '" + WEB + "')",
                "CREATE VIEW shop.slow AS SELECT i AS id, pg_sleep(0.2)::text AS s FROM generate_series(1, 3) AS i");
        exported.executeAsAdmin(
                "CREATE ROLE " + READER + " LOGIN NOINHERIT PASSWORD 'reader'",
                "GRANT " + WEB + " TO " + READER,
                "GRANT USAGE ON SCHEMA shop TO " + READER + ", " + WEB,
                "GRANT SELECT ON shop.orders, shop.things, shop.slow TO " + READER,
                "GRANT SELECT ON shop.notes TO " + WEB,
                "REVOKE CREATE, TEMPORARY ON DATABASE " + exported.name() + " FROM PUBLIC");
        for (String hostile : List.of(
                "DateStyle = 'German, DMY'",
                "TimeZone = 'Asia/Kathmandu'",
                "IntervalStyle = 'sql_standard'",
                "bytea_output = 'escape'",
                "extra_float_digits = -5",
                "statement_timeout = '100ms'",
                "search_path = 'shop'",
                "lc_monetary = 'C'",
                "standard_conforming_strings = off",
                "default_transaction_read_only = off",
                "default_transaction_isolation = 'read uncommitted'",
                "idle_in_transaction_session_timeout = '1s'",
                "lock_timeout = '10ms'",
                "quote_all_identifiers = on",
                "row_security = off",
                "xmlbinary = 'hex'",
                "array_nulls = off",
                "transform_null_equals = on",
                "client_encoding = 'SQL_ASCII'",
                "default_text_search_config = 'simple'")) {
            exported.executeAsAdmin("ALTER ROLE " + READER + " SET " + hostile);
        }
        TestDatabase own = TestDatabase.create();
        TestServer server = ExportNode.settings(own)
                .set("export.database-url", exported.jdbcUrl())
                .set("export.database-user", READER)
                .set("export.database-password", "reader")
                .set("export.schemas", "shop,hidden")
                .set("export.rls-role", WEB)
                .set("export.lane", lane.label())
                .set("dataset.open.table", "shop.orders")
                .set("dataset.open.read", "public")
                .set("dataset.members.table", "shop.orders")
                .set("dataset.members.read", "signed-in")
                .set("dataset.sales.table", "shop.orders")
                .set("dataset.sales.read", "role:sales")
                .set("dataset.either.table", "shop.orders")
                .set("dataset.either.read", "role:sales, role:user")
                .set("dataset.nobody.table", "shop.orders")
                .set("dataset.things.table", "shop.things")
                .set("dataset.things.read", "public")
                .set("dataset.notes.table", "shop.notes")
                .set("dataset.notes.read", "public")
                .set("dataset.notes.rls", "true")
                .set("dataset.locked.table", "shop.secret")
                .set("dataset.locked.read", "public")
                .set("dataset.far.table", "hidden.orders")
                .set("dataset.far.read", "public")
                .set("dataset.missing.table", "shop.not_there")
                .set("dataset.missing.read", "public")
                .set("dataset.wrong.sql", "SELECT nope FROM shop.orders")
                .set("dataset.wrong.read", "public")
                .set("dataset.slow.table", "shop.slow")
                .set("dataset.slow.read", "public")
                .set("dataset.notes-open.table", "shop.notes")
                .set("dataset.notes-open.read", "public")
                .start();
        node = new ExportNode(own, server);
        alice = signIn(server, "alice");
        node.execute("UPDATE sluice.account SET roles = '{user,sales}' WHERE email = 'bob@example.com'");
        bob = signIn(server, "bob");
    }

    private String quotedWeb() {
        exported.executeAsAdmin("CREATE ROLE " + WEB + " NOLOGIN");
        return WEB;
    }

    private static String signIn(TestServer server, String name) throws Exception {
        String body = Json.text(Map.of("email", name + "@example.com", "password", name + "-demo"));
        var request = HttpRequest.newBuilder(URI.create(server.url("/api/auth/login")))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        String answer = HttpClient.newHttpClient()
                .send(request.build(), BodyHandlers.ofString())
                .body();
        return "Authorization: Bearer " + Json.parse(answer).path("accessToken").asText();
    }

    @AfterParameterizedClassInvocation
    void stop() throws SQLException {
        node.close();
        exported.executeAsAdmin("DROP OWNED BY " + READER + ", " + WEB, "DROP ROLE " + READER + ", " + WEB);
        exported.close();
    }

    @Test
    void a_dataset_is_for_those_it_names_and_for_admins() {
        assertStatus("open", 200, 200, 200, 200);
        assertStatus("members", 401, 200, 200, 200);
        assertStatus("sales", 401, 403, 200, 200);
        assertStatus("either", 401, 200, 200, 200);
        assertStatus("nobody", 401, 403, 403, 200);
        assertStatus("shop.orders", 404, 404, 404, 200);
        assertStatus("none", 404, 404, 404, 404);
        assertThat(node.get("/members").header("WWW-Authenticate")).isEqualTo("Bearer");
        assertProblem(node.get("/sales", alice), 403, "forbidden", "sales");
        assertProblem(node.get("/open", "Authorization: Bearer wrong"), 401, "unauthorized", "");
    }

    private void assertStatus(String dataset, int anonymous, int user, int sales, int admin) {
        for (String path : new String[] {"/" + dataset, "/" + dataset + ".csv", "?dataset=" + dataset}) {
            assertThat(node.get(path).status()).as(path).isEqualTo(anonymous);
            assertThat(node.get(path, USER).status()).as(path).isEqualTo(user);
            assertThat(node.get(path, alice).status()).as(path).isEqualTo(user);
            assertThat(node.get(path, bob).status()).as(path).isEqualTo(sales);
            assertThat(node.get(path, ADMIN).status()).as(path).isEqualTo(admin);
        }
    }

    @Test
    void the_catalogue_lists_what_the_caller_may_read_and_what_can_be_described() {
        List<String> open = List.of("events", "logs", "notes", "open", "slow", "tasks", "things", "users");
        assertThat(names(node.get(""))).containsExactlyElementsOf(open);
        assertThat(names(node.get("", USER))).contains("members", "either").doesNotContain("sales", "nobody");
        assertThat(names(node.get("", bob)))
                .contains("members", "either", "sales")
                .doesNotContain("nobody");
        assertThat(names(node.get("", ADMIN)))
                .contains("nobody", "sales", "shop.orders", "shop.things")
                .doesNotContain("shop.secret", "hidden.orders", "missing", "wrong", "locked", "far")
                .isSorted();
    }

    @Test
    void the_catalogue_tells_columns_key_formats_and_rows() {
        JsonNode users = node.get("", "limit", "1", "after", "tasks-", "Accept: */*")
                .json()
                .path("datasets")
                .path(0);
        assertThat(users.path("name").asText()).isEqualTo("things");
        JsonNode demo = node.get("", "after", "things").json().path("datasets").path(0);
        assertThat(demo.path("name").asText()).isEqualTo("users");
        assertThat(demo.path("key").toString()).isEqualTo("[\"created_at\",\"id\"]");
        assertThat(demo.path("formats").toString()).isEqualTo("[\"ndjson\",\"csv\",\"json\"]");
        assertThat(demo.path("estimatedRows").asLong()).isPositive();
        assertThat(demo.path("columns").path(4).toString())
                .isEqualTo(
                        "{\"name\":\"created_at\",\"jsonName\":\"createdAt\",\"type\":\"timestamp with time zone\"}");
    }

    @Test
    void the_catalogue_comes_in_pages() {
        for (String[] caller : new String[][] {{}, {ADMIN}}) {
            List<String> paged = new ArrayList<>();
            String after = "";
            for (int page = 0; page < 50; page++) {
                List<String> request = new ArrayList<>(List.of("limit", "3", "after", after));
                request.addAll(List.of(caller));
                HttpReply reply = node.get("", request.toArray(String[]::new));
                paged.addAll(names(reply));
                if (reply.json().path("next").isNull()) {
                    break;
                }
                after = reply.json().path("next").asText();
            }
            assertThat(paged).isEqualTo(names(node.get("", caller))).doesNotHaveDuplicates();
        }
    }

    @Test
    void no_page_follows_a_last_one_that_is_exactly_full() {
        // The fourth is "wrong", which cannot be described and is not shown.
        HttpReply full = node.get("", "after", "slow", "limit", "4");
        assertThat(names(full)).containsExactly("tasks", "things", "users");
        assertThat(full.json().path("next").isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1001", "x", ""})
    void pages_have_a_largest_size(String limit) {
        assertProblem(node.get("", "limit", limit), 400, "invalid_value", "limit");
    }

    @Test
    void what_the_role_may_not_read_is_403_and_what_does_not_exist_is_404() {
        assertProblem(node.get("/locked"), 403, "forbidden", "role");
        assertProblem(node.get("/far"), 403, "forbidden", "role");
        assertProblem(node.get("/shop.secret.csv", ADMIN), 403, "forbidden", "role");
        assertProblem(node.get("/hidden.orders", ADMIN), 403, "forbidden", "role");
        assertProblem(node.get("/missing"), 404, "not_found", "missing");
        assertProblem(node.get("/shop.none.csv", ADMIN), 404, "not_found", "shop.none.csv");
        assertProblem(node.get("/pg_catalog.pg_class", ADMIN), 404, "not_found", "pg_catalog.pg_class");
        assertProblem(node.get("/sluice.account", ADMIN), 404, "not_found", "sluice.account");
        assertProblem(node.get("", "dataset", "shop.\"orders\"", ADMIN), 404, "not_found", "orders");
        assertProblem(node.get("", "dataset", "shop.orders\" AS x; --", ADMIN), 404, "not_found", "orders");
        assertProblem(node.get("/wrong"), 500, "query_failed", "42703");
    }

    @Test
    void sluices_own_schema_cannot_be_opened() {
        for (String schemas : new String[] {"sluice", "public, sluice ,shop"}) {
            assertThatThrownBy(() -> TestServer.with(exported)
                            .set("export.schemas", schemas)
                            .start())
                    .hasMessageContaining("export.schemas");
        }
    }

    @Test
    void row_level_security_is_the_callers() throws SQLException {
        assertThat(node.get("/notes.csv", "select", "note", "header", "false", "order", "id", USER)
                        .text())
                .isEqualTo("n2\nn3\nn5\nn6\nn8\nn9\n");
        assertThat(node.get(
                                "/notes.csv",
                                "select",
                                "note",
                                "header",
                                "false",
                                "order",
                                "id",
                                "owner",
                                "not.is.null",
                                ADMIN)
                        .text())
                .isEqualTo("n1\nn4\nn7\n");
        assertThat(node.get("/notes.csv", "select", "note", "header", "false", "order", "id")
                        .text())
                .isEqualTo("n2\nn5\nn8\n");
        assertThat(node.get("/notes", "owner", "eq.demo-admin").body()).isEmpty();
        // The claims and the role are gone with the export: the connection's own role has no right to this table.
        for (int i = 0; i < 12; i++) {
            assertThat(node.get("/notes-open", ADMIN).text()).contains("\"status\":");
        }
    }

    @Test
    void a_roles_defaults_do_not_change_a_byte() throws Exception {
        try (DatabaseText plain = new DatabaseText(exported)) {
            String sql = "SELECT * FROM shop.things";
            assertBody(node.get("/things.csv"), plain.copyCsv(sql));
            assertBody(node.get("/things"), plain.rowToJson(sql));
            assertBody(
                    node.get(
                            "/things.csv",
                            "d",
                            "eq.2024-02-03",
                            "t",
                            "eq.2024-03-31 01:30",
                            "s",
                            "eq.a\\b'c",
                            "i",
                            "eq.1 year 2 mons -3 days 04:05:06",
                            "a",
                            "eq.{NULL,x,\"null\"}",
                            "c",
                            "eq.shop.orders"),
                    plain.copyCsv(sql));
        }
    }

    @Test
    void a_roles_time_out_does_not_cut_an_export() {
        assertThat(node.get("/slow.csv", "select", "id,s", "order", "id").text())
                .isEqualTo("id,s\n1,\"\"\n2,\"\"\n3,\"\"\n");
    }

    @Test
    void nothing_is_made_in_the_exported_database() throws SQLException {
        node.get("/open");
        node.get("", ADMIN);
        try (DatabaseText plain = new DatabaseText(exported)) {
            assertThat(plain.column(
                            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|information_schema' ORDER BY 1"))
                    .containsExactly("hidden", "public", "shop");
            assertThat(plain.column("SELECT count(*) FROM pg_class WHERE relowner = '" + READER + "'::regrole"))
                    .containsExactly("0");
        }
    }

    private static List<String> names(HttpReply reply) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        List<String> names = new ArrayList<>();
        reply.json()
                .path("datasets")
                .forEach(dataset -> names.add(dataset.path("name").asText()));
        return names;
    }
}
