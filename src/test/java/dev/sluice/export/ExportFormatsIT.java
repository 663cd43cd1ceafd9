package dev.sluice.export;

import static dev.sluice.export.ExportNode.ADMIN;
import static dev.sluice.export.ExportNode.assertBody;
import static dev.sluice.export.ExportNode.assertProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Formats, headers and options of an export over HTTP, held against what the database prints. */
@InBothLanes
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // made before all tests
class ExportFormatsIT {
    private static final String PEOPLE = "SELECT id, name, note, created_at FROM shop.people ORDER BY id";
    private static final String PEOPLE_JSON =
            "SELECT id, name, note, created_at AS \"createdAt\" FROM shop.people ORDER BY id";

    @Parameter
    private Lane lane;

    private ExportNode node;

    @BeforeParameterizedClassInvocation
    void start() throws SQLException {
        TestDatabase database = TestDatabase.create();
        database.execute(
                "CREATE SCHEMA shop",
                "CREATE TABLE shop.people (id int PRIMARY KEY, name text, note text, created_at timestamptz)",
                "INSERT INTO shop.people SELECT i, CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'a,b'"
                        + " WHEN 3 THEN 'q\"q' WHEN 4 THEN E'l\\r\\nl' WHEN 5 THEN U&'\\00e4\\+01f600' ELSE '=1+1' END,"
                        + " repeat(chr(65 + i % 26), i % 300), '2024-01-01Z'::timestamptz + i * interval '1.5 s'"
                        + " FROM generate_series(1, 5000) AS i",
                "CREATE TABLE shop.empty (id int PRIMARY KEY, \"a b\" text)",
                "CREATE TABLE shop.nothing ()",
                "INSERT INTO shop.nothing DEFAULT VALUES",
                "INSERT INTO shop.nothing DEFAULT VALUES",
                "CREATE TABLE shop.\"odd \"\"table\"\" ? :x \\ {fn now()}\" (\"a\"\"b\" int, \"c d\" int,"
                        + " \"\ud83d\ude00\" int, \"limit\" int, \"end\" text, \"select\" int, \"e,f\" int, \"g.h\" int,"
                        + " \"i?j\" int, \"k:l\" int, \"m\nn\" int, \"o\\p\" int, \" q \" int, \"r(s)\" int, \"*\" int,"
                        + " \"$1\" int, \"{fn now()}\" int, \"--\" int, \"'\" int)",
                "INSERT INTO shop.\"odd \"\"table\"\" ? :x \\ {fn now()}\" SELECT i, i, i, i, i, i, i, i, i, i, i, i, i, i, i,"
                        + " i, i, i, i FROM generate_series(1, 3) AS i",
                "CREATE TYPE shop.mood AS ENUM ('so so', 'very \"good\"', '')",
                "CREATE TYPE shop.\"my pair\" AS (a int, \"b c\" text, d timestamptz, e bool, f char(5))",
                "CREATE DOMAIN shop.short AS varchar(90)",
                "CREATE DOMAIN shop.numbers AS int[]",
                "CREATE DOMAIN shop.feeling AS shop.mood",
                "CREATE TABLE shop.kinds (id int PRIMARY KEY, m shop.mood, f shop.feeling, ms shop.mood[],"
                        + " p shop.\"my pair\", ps shop.\"my pair\"[], s shop.short, n shop.numbers, r int4range,"
                        + " rs tstzrange[], mr int4multirange, c \"char\", pt point, ts tsvector, l regclass)",
                "INSERT INTO shop.kinds SELECT i, m::shop.mood, m::shop.mood, ARRAY[m::shop.mood, NULL],"
                        + " ROW(i, m, '2024-02-03 04:05:06+02', true, 'x')::shop.\"my pair\", ARRAY[ROW(i, 'a,b', NULL, NULL, '')::shop.\"my pair\"],"
                        + " m, ARRAY[i, NULL], int4range(i, i + 5), ARRAY[tstzrange('2024-01-01Z', NULL)],"
                        + " '{[1,2],[4,5]}', 'x', '(1,2)', to_tsvector('simple', 'a \"b\" it''s'), 'pg_class'"
                        + " FROM unnest(ARRAY['so so', 'very \"good\"', '']) WITH ORDINALITY AS t (m, o), LATERAL (SELECT o::int AS i) AS n",
                "INSERT INTO shop.kinds (id, p) VALUES (4, NULL), (5, ROW(NULL, NULL, NULL, NULL, NULL))",
                "CREATE VIEW shop.a_view AS SELECT id, name FROM shop.people WHERE id <= 3",
                "CREATE MATERIALIZED VIEW shop.a_copy AS SELECT id FROM shop.people WHERE id <= 3",
                "CREATE TABLE shop.parts (id int, v text) PARTITION BY RANGE (id)",
                "CREATE TABLE shop.part_1 PARTITION OF shop.parts FOR VALUES FROM (0) TO (10)",
                "INSERT INTO shop.parts VALUES (1, 'x'), (2, 'y')",
                "CREATE TABLE shop.cells (id int PRIMARY KEY, small int2, whole int8, exact numeric, fraction float8,"
                        + " price money, lasted interval, since timestamptz, list int[], facts jsonb, mark \"char\", word varchar)",
                "INSERT INTO shop.cells VALUES (1, -1, -9007199254740993, -1.50, -1e-20, -1234.5, '-1 day', '-infinity', '{-1}',"
                        + " '-1', '-', '-1'), (2, 2, 2, 'NaN', '-Infinity', 2, '1 day', 'infinity', '{}', '\"=1\"', '=', '=1'),"
                        + " (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
                "ANALYZE shop.people");
        node = new ExportNode(
                database,
                ExportNode.settings(database)
                        .set("export.lane", lane.label())
                        .set("export.schemas", "shop,pg_catalog")
                        .set("dataset.people.table", "shop.people")
                        .set("dataset.people.columns", "id,name,note,created_at as createdAt")
                        .set("dataset.people.read", "public")
                        .set("dataset.x.csv.table", "shop.a_view")
                        .set("dataset.x.csv.read", "public")
                        .set("dataset.\u00fcn \ud83d\ude00.table", "shop.a_view")
                        .set("dataset.\u00fcn \ud83d\ude00.read", "public")
                        .set("dataset.boom.sql", "SELECT i, 1 / (190000 - i) AS q FROM generate_series(1, 200000) AS i")
                        .set("dataset.boom.read", "public")
                        .start());
    }

    @AfterParameterizedClassInvocation
    void stop() throws SQLException {
        node.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/people.csv|*/*|CSV",
                "/people.ndjson|*/*|NDJSON",
                "/people.json|text/csv|JSON",
                "/people|text/csv|CSV",
                "/people|application/json;q=0.9, text/csv;q=0.1|JSON",
                "/people|*/*|NDJSON",
                "/people?format=csv|application/json|CSV",
                "?dataset=people&format=json|*/*|JSON",
                "?dataset=people|text/csv|CSV",
                "?dataset=people.csv|*/*|CSV",
                "/?dataset=people|application/x-ndjson|NDJSON",
                "/people.csv?format=csv|image/png|CSV",
            })
    void the_format_comes_from_the_suffix_the_parameter_or_accept(String path, String accept, Format format)
            throws Exception {
        HttpReply reply = node.get(path, "Accept: " + accept);

        assertBody(reply, expected(format));
        assertThat(reply.header("Content-Type")).isEqualToIgnoringWhitespace(format.contentType());
        assertThat(reply.header("Content-Disposition"))
                .isEqualTo("attachment; filename=\"people." + format.suffix() + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "image/*", "text/csv;q=0"})
    void a_client_that_takes_no_format_gets_406(String accept) {
        assertProblem(node.get("/people", "Accept: " + accept), 406, "not_acceptable", "text/csv");
        assertThat(node.get("/people.csv", "Accept: " + accept).status()).isEqualTo(200);
    }

    @Test
    void several_accept_lines_are_one_list() {
        HttpReply reply = node.get("/people", "limit", "1", "Accept: text/html", "Accept: text/csv");
        assertThat(reply.header("Content-Type")).startsWith("text/csv");
    }

    @Test
    void an_unknown_format_is_refused() {
        assertProblem(node.get("/people", "format", "xml"), 400, "invalid_value", "\"xml\"");
        assertProblem(node.get("/people.xml"), 404, "not_found", "people.xml");
    }

    @Test
    void csv_options_are_those_of_copy() throws Exception {
        assertBody(node.get("/people.csv", "header", "false"), node.copyCsv(PEOPLE, "HEADER false"));
        assertBody(node.get("/people.csv", "delimiter", ";"), node.copyCsv(PEOPLE, "DELIMITER ';'"));
        assertBody(node.get("/people.csv", "delimiter", "\t"), node.copyCsv(PEOPLE, "DELIMITER E'\\t'"));
        assertBody(node.get("/people.csv", "null", "NULL"), node.copyCsv(PEOPLE, "NULL 'NULL'"));
        assertBody(
                node.get("/people.csv", "null", "a", "delimiter", "|", "header", "true"),
                node.copyCsv(PEOPLE, "NULL 'a'", "DELIMITER '|'"));
    }

    @Test
    void for_excel_there_is_a_mark_crlf_and_no_formula() {
        HttpReply reply = node.get("/people.csv", "excel", "true", "select", "id,name", "id", "lte.6");
        assertThat(reply.text())
                .isEqualTo(
                        "\ufeffid,name\r\n1,\"\"\r\n2,\"a,b\"\r\n3,\"q\"\"q\"\r\n4,\"l\r\nl\"\r\n5,\u00e4\ud83d\ude00\r\n"
                                + "6,'=1+1\r\n");
    }

    /** What PostgreSQL prints with a minus is a number or a formula; written by hand. */
    @Test
    void for_excel_numbers_stay_numbers_and_nothing_else_begins_like_one() {
        HttpReply reply = node.get("/shop.cells.csv", "excel", "true", "delimiter", ";", "null", "-", ADMIN);
        assertThat(reply.text())
                .isEqualTo("\ufeffid;small;whole;exact;fraction;price;lasted;since;list;facts;mark;word\r\n"
                        + "1;-1;-9007199254740993;-1.50;-1e-20;-$1,234.50;'-1 days;'-infinity;{-1};'-1;\"'-\";'-1\r\n"
                        + "2;2;2;NaN;'-Infinity;$2.00;1 day;infinity;{};\"\"\"=1\"\"\";'=;'=1\r\n"
                        + "3;'-;'-;'-;'-;'-;'-;'-;'-;'-;'-;'-\r\n");
    }

    /** A file in two pieces is the file: no second mark, no second line of names. */
    @Test
    void what_continues_a_file_for_excel_fits_to_its_end() {
        String whole = node.get("/people.csv", "excel", "true").text();
        String first =
                node.get("/people.csv", "excel", "true", "id", "lte.2500").text();
        String rest = node.get("/people.csv", "excel", "true", "header", "false", "after", "2500")
                .text();
        assertThat(first + rest).isEqualTo(whole);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/people.csv?delimiter=%22|delimiter",
                "/people.csv?delimiter=|delimiter",
                "/people.csv?delimiter=ab|delimiter",
                "/people.csv?delimiter=%C3%A4|delimiter",
                "/people.csv?delimiter=%F0%9F%98%80|delimiter",
                "/people.csv?delimiter=%0A|delimiter",
                "/people.csv?null=a,b|null",
                "/people.csv?null=%22|null",
                "/people.csv?header=maybe|header",
                "/people.csv?end=true|end",
                "/people.json?end=true|end",
                "/people?header=false|header",
                "/people.json?excel=true|excel",
                "/people?end=maybe|end",
                "/people.csv?excel=1|excel",
            })
    void an_option_that_is_wrong_is_named(String path, String named) {
        assertProblem(node.get(path), 400, "invalid_value", named);
    }

    @Test
    void the_end_record_tells_the_rows() throws Exception {
        byte[] rows = node.rowToJson(PEOPLE_JSON);
        HttpReply reply = node.get("/people", "end", "true");

        assertThat(reply.text()).isEqualTo(new String(rows, UTF_8) + "{\"_end\":{\"rows\":5000}}\n");
        assertThat(node.get("/people", "end", "true", "id", "lt.0").text()).isEqualTo("{\"_end\":{\"rows\":0}}\n");
    }

    @Test
    void the_trailer_tells_the_rows() {
        for (String path : new String[] {"/people.csv", "/people", "/people.json"}) {
            HttpReply reply = node.get(path, "limit", "1234");
            assertThat(reply.header("Trailer")).isEqualTo("Sluice-Rows");
            assertThat(reply.trailers()).containsEntry("sluice-rows", "1234");
        }
        assertThat(node.get("/people", "limit", "0").trailers()).containsEntry("sluice-rows", "0");
        assertThat(node.get("/people", "Accept-Encoding: gzip").trailers()).containsEntry("sluice-rows", "5000");
    }

    @Test
    void headers_are_for_a_download() {
        HttpReply reply = node.get("/people");
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        assertThat(reply.header("X-Accel-Buffering")).isEqualTo("no");
        assertThat(reply.header("Sluice-Estimated-Rows")).isEqualTo("5000");
        assertThat(reply.header("X-Request-Id")).isNotEmpty();
        assertThat(reply.header("Vary")).contains("Accept").contains("Accept-Encoding");
        assertThat(node.get("/people", "limit", "7").header("Sluice-Estimated-Rows"))
                .isEqualTo("7");
    }

    @Test
    void head_has_the_headers_and_no_body() {
        HttpReply head = node.send("HEAD", "/people.csv", "limit", "3");
        HttpReply get = node.get("/people.csv", "limit", "3");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        for (String header : new String[] {"Content-Type", "Content-Disposition", "Sluice-Estimated-Rows", "Vary"}) {
            assertThat(head.header(header)).as(header).isEqualTo(get.header(header));
        }
        assertThat(node.send("HEAD", "/people", "nope", "eq.1").status()).isEqualTo(400);
        assertThat(node.send("HEAD", "/nobody").status()).isEqualTo(404);
        assertThat(node.send("HEAD", "").status()).isEqualTo(200);
    }

    @Test
    void gzip_holds_the_same_bytes() throws Exception {
        for (Format format : Format.values()) {
            HttpReply reply = node.get("/people." + format.suffix(), "Accept-Encoding: br, gzip");
            assertThat(reply.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(reply.complete()).isTrue();
            assertThat(reply.unzipped()).isEqualTo(expected(format));
            assertThat(reply.body()).hasSizeLessThan(expected(format).length / 2);
        }
        assertThat(node.get("/people", "Accept-Encoding: gzip;q=0").header("Content-Encoding"))
                .isEmpty();
        assertThat(node.get("/empty.json", "Accept-Encoding: gzip", ADMIN).status())
                .isEqualTo(404);
        assertThat(node.get("/shop.empty.json", "Accept-Encoding: gzip", ADMIN).unzipped())
                .isEqualTo("[]\n".getBytes(UTF_8));
    }

    @Test
    void http_1_0_is_refused_unless_the_body_says_its_end() throws Exception {
        HttpReply refused = node.raw("GET /api/export/people HTTP/1.0");
        assertProblem(refused, 426, "upgrade_required", "end=true");
        assertThat(refused.header("Upgrade")).isEqualTo("HTTP/1.1");
        HttpReply allowed = node.raw("GET /api/export/people?end=true HTTP/1.0");
        assertThat(allowed.status()).isEqualTo(200);
        assertThat(allowed.header("Transfer-Encoding")).isEmpty();
        assertThat(allowed.text())
                .isEqualTo(new String(node.rowToJson(PEOPLE_JSON), UTF_8) + "{\"_end\":{\"rows\":5000}}\n");
        assertProblem(node.raw("GET /api/export/people.csv?end=true HTTP/1.0"), 400, "invalid_value", "end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH"})
    void it_can_only_be_read(String method) {
        HttpReply reply = node.send(method, "/people");
        assertProblem(reply, 405, "method_not_allowed", "read");
        assertThat(reply.header("Allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void a_dataset_may_be_named_like_a_file() throws Exception {
        byte[] csv = node.copyCsv("SELECT id, name FROM shop.people WHERE id <= 3");
        byte[] json = node.rowToJson("SELECT id, name FROM shop.people WHERE id <= 3");
        assertBody(node.get("/x.csv"), json);
        assertBody(node.get("/x.csv.csv"), csv);
        assertBody(node.get("/x.csv", "format", "csv"), csv);
        assertThat(node.get("/x.csv.csv").header("Content-Disposition"))
                .isEqualTo("attachment; filename=\"x.csv.csv\"");
        assertProblem(node.get("/x"), 404, "not_found", "\"x\"");
    }

    @Test
    void a_name_beyond_ascii_is_in_the_path_and_in_the_files_name() {
        HttpReply reply = node.get("/%C3%BCn%20%F0%9F%98%80.csv");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Disposition"))
                .isEqualTo("attachment; filename=\"_n _.csv\"; filename*=UTF-8''%C3%BCn%20%F0%9F%98%80.csv");
        assertThat(node.get("", "dataset", "\u00fcn \ud83d\ude00").status()).isEqualTo(200);
    }

    @Test
    void names_of_any_kind_are_columns_and_tables() throws Exception {
        String table = "odd \"table\" ? :x \\ {fn now()}";
        String sql = "SELECT * FROM shop.\"odd \"\"table\"\" ? :x \\ {fn now()}\" ORDER BY 1";
        String[] request = {"dataset", "shop." + table, "order", "\"a\"\"b\"", "format", "csv", ADMIN};
        assertBody(node.get("", request), node.copyCsv(sql));
        request[5] = "ndjson";
        assertBody(node.get("", request), node.rowToJson(sql));
        for (String name :
                node.column("SELECT attname FROM pg_attribute WHERE attrelid = 'shop.\"odd \"\"table\"\" ? :x"
                        + " \\ {fn now()}\"'::regclass AND attnum > 0")) {
            String quoted = "\"" + name.replace("\"", "\"\"") + "\"";
            HttpReply reply = node.get(
                    "",
                    "dataset",
                    "shop." + table,
                    "select",
                    quoted,
                    "order",
                    quoted + ".desc",
                    quoted,
                    "gte.2",
                    "or",
                    "(" + quoted + ".lt.9," + quoted + ".is.null)",
                    "format",
                    "csv",
                    ADMIN);
            assertBody(
                    reply,
                    node.copyCsv("SELECT " + quoted + " FROM shop.\"odd \"\"table\"\" ? :x \\ {fn now()}\"" + " WHERE "
                            + quoted + "::int >= 2 ORDER BY 1 DESC"));
        }
    }

    @Test
    void a_table_without_rows_or_columns_is_exported() throws Exception {
        assertBody(node.get("/shop.empty.csv", ADMIN), "id,a b\n".getBytes(UTF_8));
        assertBody(node.get("/shop.empty.ndjson", ADMIN), new byte[0]);
        assertBody(node.get("/shop.empty.json", ADMIN), "[]\n".getBytes(UTF_8));
        assertBody(node.get("/shop.nothing.csv", ADMIN), node.copyCsv("SELECT FROM shop.nothing"));
        assertBody(node.get("/shop.nothing", ADMIN), node.rowToJson("SELECT FROM shop.nothing"));
        assertBody(node.get("/shop.nothing.json", ADMIN), "[{},\n{}]\n".getBytes(UTF_8));
    }

    @Test
    void types_made_by_users_are_as_the_database_prints_them() throws Exception {
        String sql = "SELECT * FROM shop.kinds ORDER BY id";
        assertBody(node.get("/shop.kinds.csv", ADMIN), node.copyCsv(sql));
        assertBody(node.get("/shop.kinds", ADMIN), node.rowToJson(sql));
    }

    @Test
    void views_copies_and_partitioned_tables_are_exported() throws Exception {
        assertBody(node.get("/shop.a_view.csv", "order", "id", ADMIN), node.copyCsv("SELECT * FROM shop.a_view"));
        assertBody(node.get("/shop.a_copy.csv", "order", "id", ADMIN), node.copyCsv("SELECT * FROM shop.a_copy"));
        assertBody(
                node.get("/shop.parts.csv", "order", "id", ADMIN), node.copyCsv("SELECT * FROM shop.parts ORDER BY 1"));
    }

    @Test
    void the_json_array_holds_the_same_objects() throws Exception {
        JsonNode array = node.get("/people.json").json();
        List<String> names = new ArrayList<>();
        array.forEach(row -> names.add(String.valueOf(row.path("name").textValue())));
        assertThat(names).isEqualTo(node.column("SELECT name FROM shop.people ORDER BY id"));
    }

    @Test
    void what_fails_after_the_first_byte_breaks_the_connection() {
        for (String path : new String[] {"/boom.csv", "/boom?end=true", "/boom.json"}) {
            HttpReply reply = node.get(path);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.complete()).as(path).isFalse();
            assertThat(reply.trailers()).isEmpty();
            assertThat(reply.text()).doesNotContain("_end");
        }
        HttpReply zipped = node.get("/boom", "Accept-Encoding: gzip");
        assertThat(zipped.complete() && zipped.status() == 200).isFalse();
    }

    @Test
    void what_fails_before_the_first_byte_is_a_problem_and_nothing_else() {
        assertProblem(node.get("/boom", "i", "eq.190000"), 500, "query_failed", "22012");
    }

    private byte[] expected(Format format) throws Exception {
        return switch (format) {
            case CSV -> node.copyCsv(PEOPLE);
            case NDJSON -> node.rowToJson(PEOPLE_JSON);
            case JSON ->
                ("[" + new String(node.rowToJson(PEOPLE_JSON), UTF_8).strip().replace("\n", ",\n") + "]\n")
                        .getBytes(UTF_8);
        };
    }
}
