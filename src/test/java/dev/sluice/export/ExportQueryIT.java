package dev.sluice.export;

import static dev.sluice.export.ExportNode.ADMIN;
import static dev.sluice.export.ExportNode.assertBody;
import static dev.sluice.export.ExportNode.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries over HTTP, held against SQL written by hand; and what a hostile or mistaken query gets. */
@InBothLanes
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // made before all tests
class ExportQueryIT {
    private static final String LONGEST = "t".repeat(63);

    @Parameter
    private Lane lane;

    private ExportNode node;

    @BeforeParameterizedClassInvocation
    void start() throws SQLException {
        TestDatabase database = TestDatabase.create();
        database.execute(
                "CREATE SCHEMA shop",
                "CREATE TYPE shop.mood AS ENUM ('sad', 'so so', 'happy')",
                "CREATE TYPE shop.pair AS (a int, b text)",
                "CREATE DOMAIN shop.positive AS int CHECK (VALUE > 0)",
                "CREATE TABLE shop.things (id int PRIMARY KEY, name text, n numeric, b bool, d date, ts timestamptz, u uuid,"
                        + " j jsonb, tags text[], mood shop.mood, pair shop.pair, \"limit\" int, f float8, pos shop.positive,"
                        + " code char(4), short varchar(5), raw bytea, js json, pt point)",
                "INSERT INTO shop.things SELECT i, (ARRAY[NULL, '', 'a', 'A*b', 'a%b', 'a,b', '(x)', 'q\"q', E'back\\\\slash',"
                        + " '''; drop table shop.things; --', 'under_score', 'null'])[1 + i % 12], i / 8.0,"
                        + " (ARRAY[true, false, NULL])[1 + i % 3], '2024-01-01'::date + i, '2024-01-01Z'::timestamptz +"
                        + " i * interval '1 hour', md5(i::text)::uuid, jsonb_build_object('i', i), ARRAY['t' || i % 3, 'x,y'],"
                        + " (ARRAY['sad', 'so so', 'happy', NULL]::shop.mood[])[1 + i % 4],"
                        + " (ARRAY[NULL, ROW(NULL, NULL), ROW(i, NULL), ROW(i, 'x')]::shop.pair[])[1 + i % 4], i % 5,"
                        + " (ARRAY['NaN', 'Infinity', '-0', '1.5'])[1 + i % 4]::float8, i, 'c' || i % 3, 'v' || i % 7,"
                        + " int4send(i), '{}', point(i, i) FROM generate_series(1, 200) AS i",
                "CREATE TABLE shop.log (day date, seq int, msg text, n numeric NOT NULL, PRIMARY KEY (day, seq))",
                "INSERT INTO shop.log SELECT '2024-01-01'::date + i / 100, i % 100, 'm' || i, i FROM generate_series(0, 2499) i",
                "CREATE TABLE shop.names (name text PRIMARY KEY)",
                "INSERT INTO shop.names SELECT (ARRAY['', '[', '[\"', 'a b', '\u00e4', '\ud83d\ude00', '%41', 'x+y', 'a&b',"
                        + " '\"'])[1 + i % 10] || i / 10 FROM generate_series(0, 99) i",
                "CREATE TABLE shop.keyless AS SELECT 1 AS id",
                "CREATE TABLE shop." + LONGEST + " AS SELECT 1 AS id",
                "CREATE TYPE shop.odd_pair AS (a int, j json)",
                "CREATE TABLE shop.odd AS SELECT ROW(1, '{}')::shop.odd_pair AS p, ARRAY[point(1, 1)] AS a",
                "CREATE TABLE shop.changing AS SELECT 1 AS id, '2024-01-01'::timestamp AS t, 7 AS n");
        node = new ExportNode(
                database,
                ExportNode.settings(database)
                        .set("export.lane", lane.label())
                        .set("export.schemas", "shop,pg_catalog")
                        .set("dataset.log.table", "shop.log")
                        .set("dataset.log.columns", "day as theDay,seq,msg,n")
                        .set("dataset.log.key", "n,day,seq")
                        .set("dataset.log.read", "public")
                        .set("dataset.asked.sql", """
                                SELECT i, :word AS word, ':word' AS text, (:since)::text AS since /* :word */
                                FROM generate_series(1, :n) AS i WHERE i = ANY (:only) OR '{"a": 1}'::jsonb ? 'b' -- ?
                                """)
                        .set(
                                "dataset.asked.parameters",
                                "word text, n int = 3, since date = 2024-02-03, only int[] = {1,2,3}")
                        .set("dataset.asked.read", "public")
                        .set("dataset.asked.key", "i")
                        .start());
    }

    @AfterParameterizedClassInvocation
    void stop() throws SQLException {
        node.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "id=eq.7|id = 7",
                "id=neq.7|id <> 7",
                "id=gt.190|id > 190",
                "id=gte.190|id >= 190",
                "id=lt.5|id < 5",
                "id=lte.5|id <= 5",
                "id=not.lte.5|NOT (id <= 5)",
                "id=gte.5&id=lt.9|id >= 5 AND id < 9",
                "name=eq.|name = ''",
                "name=eq.null|name = 'null'",
                "name=eq.a,b|name = 'a,b'",
                "name=eq.q\"q|name = 'q\"q'",
                "name=eq.back\\slash|name = E'back\\\\slash'",
                "name=eq.'; drop table shop.things; --|name = '''; drop table shop.things; --'",
                "name=neq.a|name <> 'a'",
                "name=like.a*|name LIKE 'a%'",
                "name=like.a%|name LIKE 'a%'",
                "name=like.*\\%*|name LIKE '%\\%%'",
                "name=like.under\\_*|name LIKE 'under\\_%'",
                "name=like.back\\\\\\\\slash|name LIKE E'back\\\\\\\\\\\\\\\\slash'",
                "name=ilike.A**B|name ILIKE 'a%b'",
                "name=not.like.*a*|NOT (name LIKE '%a%')",
                "name=in.(a,\"a,b\",\"(x)\",\"q\\\"q\")|name IN ('a', 'a,b', '(x)', 'q\"q')",
                "name=in.()|false",
                "name=in.(\"\")|name = ''",
                "name=not.in.(a,null)|name NOT IN ('a', 'null')",
                "id=in.(1,2,199)|id IN (1, 2, 199)",
                "name=is.null|name IS NULL",
                "name=is.not_null|name IS NOT NULL",
                "name=not.is.null|name IS NOT NULL",
                "b=is.true|b IS TRUE",
                "b=is.false|b IS FALSE",
                "b=is.unknown|b IS UNKNOWN",
                "b=not.is.true|b IS NOT TRUE",
                "b=eq.t|b",
                "pair=is.null|pair IS NULL",
                "pair=not.is.null|NOT (pair IS NULL)",
                "pair=eq.(3,x)|pair = ROW(3, 'x')::shop.pair",
                "mood=eq.so so|mood = 'so so'",
                "mood=gt.sad|mood > 'sad'",
                "mood=in.(sad,happy)|mood IN ('sad', 'happy')",
                "n=gt.12.125|n > 12.125",
                "n=eq.1e1|n = 10",
                "f=eq.NaN|f = 'NaN'",
                "f=eq.0|f = 0",
                "f=lt.Infinity|f < 'Infinity'",
                "d=lt.2024-01-05|d < '2024-01-05'",
                "ts=gte.2024-01-05T00:00:00+02:00|ts >= '2024-01-04 22:00Z'",
                "ts=lt.2024-01-02|ts < '2024-01-02Z'",
                "u=eq.c4ca4238a0b923820dcc509a6f75849b|u = 'c4ca4238-a0b9-2382-0dcc-509a6f75849b'",
                "j=eq.{\"i\": 5}|j = '{\"i\":5}'",
                "tags=eq.{t1,\"x,y\"}|tags = '{t1,\"x,y\"}'",
                "raw=eq.\\x00000007|raw = '\\x00000007'",
                "pos=eq.7|pos = 7",
                "code=eq.c1|code = 'c1'",
                "code=in.(c1,\"c2  \")|code IN ('c1', 'c2')",
                "short=eq.v1|short = 'v1'",
                "short=eq.longer than five|false",
                "code=like.c1*|code LIKE 'c1%'",
                "\"limit\"=eq.3|\"limit\" = 3",
                "or=(id.eq.1,id.eq.2)|id IN (1, 2)",
                "or=(id.lt.3,and(id.gt.10,id.lt.13,or(b.is.true,b.is.unknown)))|id < 3 OR (id > 10 AND id < 13 AND b IS NOT FALSE)",
                "not.or=(id.lt.100,name.is.null)|NOT (id < 100 OR name IS NULL)",
                "and=(not.and(id.lt.100,b.is.true),id.not.gt.150)|NOT (id < 100 AND b IS TRUE) AND id <= 150",
                "or=(name.eq.\"a,b\",name.in.(a,\"(x)\"),\"limit\".eq.4)&id=gt.100|(name IN ('a,b', 'a', '(x)') OR \"limit\" = 4) AND id > 100",
                "or=(tags.eq.{t1,\"x,y\"},j.eq.{\"i\":5})|tags = '{t1,\"x,y\"}' OR j = '{\"i\":5}'",
                "or=(name.eq.{,id.eq.3)|id = 3",
                "or=(id.eq.1)&or=(id.eq.2)|false",
            })
    void a_filter_gives_the_rows_of_its_sql(String filter, String where) throws Exception {
        assertThat(node.column("SELECT count(*) FROM shop.things")).containsExactly("200");
        assertBody(
                node.get("/shop.things.csv", split(filter, ADMIN)),
                node.copyCsv("SELECT * FROM shop.things WHERE " + where + " ORDER BY id"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "order=name,id|ORDER BY name, id",
                "order=name.desc,id.desc|ORDER BY name DESC, id DESC",
                "order=name.nullsfirst,id|ORDER BY name NULLS FIRST, id",
                "order=name.desc.nullslast,id|ORDER BY name DESC NULLS LAST, id",
                "order=mood.desc.nullslast,f.asc,n.desc,id|ORDER BY mood DESC NULLS LAST, f, n DESC, id",
                "order=\"limit\",id.desc|ORDER BY \"limit\", id DESC",
                "limit=5|ORDER BY id LIMIT 5",
                "limit=0|LIMIT 0",
                "offset=195|ORDER BY id OFFSET 195",
                "limit=3&offset=4&order=id.desc|ORDER BY id DESC LIMIT 3 OFFSET 4",
                "offset=9223372036854775807|LIMIT 0",
                "limit=9223372036854775807|ORDER BY id",
                "after=190|WHERE id > 190 ORDER BY id",
                "after=[190]&limit=3|WHERE id > 190 ORDER BY id LIMIT 3",
                "after=200|LIMIT 0",
                "after=-5&b=is.true|WHERE b ORDER BY id",
            })
    void order_and_window_are_those_of_sql(String query, String sql) throws Exception {
        assertBody(node.get("/shop.things.csv", split(query, ADMIN)), node.copyCsv("SELECT * FROM shop.things " + sql));
    }

    @Test
    void selected_columns_come_in_their_order_under_their_names() throws Exception {
        assertBody(
                node.get("/log", "select", "msg,theDay,seq", "limit", "50"),
                node.rowToJson("SELECT msg, day AS \"theDay\", seq FROM shop.log ORDER BY n LIMIT 50"));
        assertBody(
                node.get("/log.csv", "select", "msg,day", "limit", "50", "theDay", "gt.2024-01-10"),
                node.copyCsv("SELECT msg, day FROM shop.log WHERE day > '2024-01-10' ORDER BY n LIMIT 50"));
    }

    @Test
    void pages_by_one_key_column_are_the_whole_table() throws Exception {
        ByteArrayOutputStream pages = new ByteArrayOutputStream();
        String after = null;
        for (int page = 0; page < 100; page++) {
            HttpReply reply = after == null
                    ? node.get("/shop.names", "limit", "7", ADMIN)
                    : node.get("/shop.names", "limit", "7", "after", after, ADMIN);
            pages.write(reply.body());
            List<String> lines = reply.text().lines().toList();
            if (lines.size() < 7) {
                break;
            }
            String last = Json.parse(lines.get(6)).path("name").asText();
            after = last.startsWith("[") ? Json.text(List.of(last)) : last;
        }
        assertThat(pages.toByteArray()).isEqualTo(node.get("/shop.names", ADMIN).body());
        assertThat(pages.toString(java.nio.charset.StandardCharsets.UTF_8).lines())
                .hasSize(100);
    }

    @Test
    void pages_by_several_key_columns_are_the_whole_table() throws Exception {
        assertPages("/shop.log", List.of("day", "seq"), ADMIN);
        assertPages("/log", List.of("n", "theDay", "seq"));
    }

    private void assertPages(String path, List<String> key, String... headers) {
        ByteArrayOutputStream pages = new ByteArrayOutputStream();
        List<String> request = new ArrayList<>(List.of("limit", "333"));
        request.addAll(Arrays.asList(headers));
        for (int page = 0; page < 100; page++) {
            HttpReply reply = node.get(path, request.toArray(String[]::new));
            pages.writeBytes(reply.body());
            List<String> lines = reply.text().lines().toList();
            if (lines.size() < 333) {
                break;
            }
            JsonNode last = Json.parse(lines.get(332));
            request = new ArrayList<>(List.of(
                    "limit",
                    "333",
                    "after",
                    Json.text(key.stream().map(last::path).toList())));
            request.addAll(Arrays.asList(headers));
        }
        assertThat(pages.toByteArray()).isEqualTo(node.get(path, headers).body());
    }

    @Test
    void declared_parameters_are_bound() throws Exception {
        assertBody(
                node.get("/asked.csv", "word", "it's; -- $1 ? :n"),
                node.copyCsv("SELECT i, 'it''s; -- $1 ? :n' AS word, ':word' AS text, '2024-02-03' AS since"
                        + " FROM generate_series(1, 3) AS i"));
        assertBody(
                node.get("/asked.csv", "word", "", "n", "9", "since", "1999-12-31", "only", "{4,8,12}", "i", "gt.4"),
                node.copyCsv("SELECT 8 AS i, '' AS word, ':word' AS text, '1999-12-31' AS since"));
        assertBody(
                node.get("/asked", "word", "x", "after", "2"),
                node.rowToJson("SELECT 3 AS i, 'x' AS word, ':word' AS text, '2024-02-03' AS since"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "asked|n=1|invalid_value|\"word\" (text)",
                "asked|word=a&word=b|invalid_value|\"word\"",
                "asked|word=x&n=many|invalid_value|many",
                "asked|word=x&n=99999999999|invalid_value|99999999999",
                "asked|word=x&since=2024-02-30|invalid_value|since",
                "asked|word=x&only=1|invalid_value|only",
                "asked|word=x&nope=1|unknown_column|nope",
                "shop.things|nope=eq.1|unknown_column|nope",
                "shop.things|d.id=eq.1|unknown_column|d.id",
                "shop.things|ctid=eq.(0,1)|unknown_column|ctid",
                "shop.things|xmin=not.is.null|unknown_column|xmin",
                "shop.things|tableoid=gt.1|unknown_column|tableoid",
                "shop.things|select=id,current_user|unknown_column|current_user",
                "shop.things|select=id::text|unknown_column|id::text",
                "shop.things|order=id;drop table shop.things|unknown_column|drop",
                "shop.things|order=id.desc;drop|invalid_value|drop",
                "shop.things|id=eq.x|invalid_value|id eq.x",
                "shop.things|id=eq.|invalid_value|id eq.",
                "shop.things|id=eq.1.5|invalid_value|1.5",
                "shop.things|id=eq.99999999999|invalid_value|99999999999",
                "shop.things|id=eq.1; drop table shop.things|invalid_value|drop",
                "shop.things|id=in.(1,x)|invalid_value|x",
                "shop.things|id=in.(1,\"}\")|invalid_value|}",
                "shop.things|id=like.1*|invalid_value|id like.1*",
                "shop.things|id=is.true|invalid_value|id is.true",
                "shop.things|d=eq.2024-02-30|invalid_value|2024-02-30",
                "shop.things|ts=gt.yesterdayish|invalid_value|yesterdayish",
                "shop.things|u=eq.123|invalid_value|123",
                "shop.things|b=eq.maybe|invalid_value|maybe",
                "shop.things|mood=eq.angry|invalid_value|angry",
                "shop.things|j=eq.{|invalid_value|{",
                "shop.things|js=eq.{}|invalid_value|js eq",
                "shop.things|pt=eq.(1,1)|invalid_value|pt eq",
                "shop.things|pair=gt.x|invalid_value|pair gt.x",
                "shop.things|tags=eq.{a|invalid_value|tags eq.{a",
                "shop.things|raw=eq.\\xzz|invalid_value|raw eq",
                "shop.things|order=js|invalid_value|order by js",
                "shop.things|order=pt.desc|invalid_value|order by pt",
                "shop.things|name=like.a\\|invalid_value|name",
                "shop.things|id=fts.a|unknown_operator|fts",
                "shop.things|id=eq|unknown_operator|eq",
                "shop.things|or=(id.eq.1,nope.eq.2)|unknown_column|nope",
                "shop.things|or=(id.eq.1,id.eq.x)|invalid_value|id eq.x",
                "shop.things|or=(id.eq.1|bad_request|malformed",
                "shop.things|after=x|invalid_value|after, for id = x",
                "shop.things|after=1&order=id|invalid_value|order",
                "shop.things|after=1&offset=1|invalid_value|offset",
                "shop.things|after=1&select=name|invalid_value|id",
                "shop.things|after=[\"\\u0000\"]|invalid_value|after",
                "shop.names|after=[\"\\u0000\"]|invalid_value|after",
                "shop.names|after=[\"\\ud800\"]|invalid_value|after",
                "shop.keyless|after=1|invalid_value|key",
                "shop.log|after=1|invalid_value|array of 2",
                "shop.log|after=[\"2024-01-01\",\"x\"]|invalid_value|seq = x",
                "shop.odd|p=eq.(1,{})|invalid_value|p eq",
                "shop.odd|a=in.(\"{(1,1)}\")|invalid_value|a in",
                "shop.odd|order=p|invalid_value|order by p",
                "shop.odd|order=a|invalid_value|order by a",
                "pg_catalog.pg_attrdef|adbin=eq.x|invalid_value|adbin eq",
                "pg_catalog.pg_class|relacl=eq.{nobody=r/nobody}|invalid_value|relacl eq",
                "shop.things|limit=many|invalid_value|limit",
                "shop.things|offset=-1|invalid_value|offset",
                "shop.things|select=id,id|invalid_value|id",
            })
    void a_query_that_cannot_be_answered_is_one_problem_that_names_it(
            String dataset, String query, String code, String named) {
        assertProblem(node.get("/" + dataset, split(query, ADMIN)), 400, code, named);
        assertProblem(
                node.get("/" + dataset + ".csv", split(query, ADMIN + "\r\nAccept-Encoding: gzip")), 400, code, named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name=eq.%00",
                "name=eq.%FF",
                "name=eq.%ED%A0%80",
                "name=eq.%C3",
                "name=eq.%",
                "name=eq.%zz",
                "%00=eq.1",
                "select=%FF",
                "name=eq.\u0001",
                "name=eq.\u00e4",
                "name=eq.\"\u007f",
            })
    void bytes_that_are_no_text_are_refused(String query) {
        HttpReply reply = node.raw("GET /api/export/shop.things?" + query + " HTTP/1.1", ADMIN);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(reply.json().path("status").asInt()).isEqualTo(400);
    }

    @Test
    void paths_that_are_no_text_are_refused() {
        for (String path :
                new String[] {"%00", "%FF", "%ED%A0%80", "..%2f..%2fx", "a%2Fb", "%5c", "shop.%00things", "%"}) {
            HttpReply reply = node.raw("GET /api/export/" + path + " HTTP/1.1", ADMIN);
            assertThat(reply.status()).as(path).isBetween(400, 404);
            assertThat(reply.json().path("status").asInt()).isEqualTo(reply.status());
        }
    }

    @Test
    void queries_of_any_size_end_in_one_problem() {
        for (String query : new String[] {
            "name=eq." + "x".repeat(100_000),
            "or=" + "(or".repeat(30_000) + "(id.eq.1" + ")".repeat(30_001),
            "a&".repeat(50_000),
        }) {
            HttpReply reply = node.raw("GET /api/export/shop.things?" + query + " HTTP/1.1", ADMIN);
            assertThat(reply.status()).isBetween(400, 431);
            assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        }
        for (String query : new String[] {
            "name=eq." + "x".repeat(30_000), "name=in.(" + "a,".repeat(15_000) + "a)", "name=like." + "*a".repeat(500),
        }) {
            assertThat(node.raw("GET /api/export/shop.things?" + query + " HTTP/1.1", ADMIN)
                            .status())
                    .isEqualTo(200);
        }
        for (String query : new String[] {
            "or=" + "(or".repeat(9_000) + "(id.eq.1" + ")".repeat(9_001),
            "id=gt.1&".repeat(3_000),
            "order=" + "id,".repeat(9_000) + "name",
            "select=" + "id,".repeat(9_000) + "name",
            "or=(" + "id.gt.1,".repeat(3_000) + "id.gt.1)",
            "select=" + "%F0%9F%98%80".repeat(55),
            "order=id." + "%F0%9F%98%80".repeat(2_000),
            "limit=" + "9".repeat(20_000),
            "j=eq." + "%5B".repeat(10_000) + "%5D".repeat(500),
            "after=" + "%5B".repeat(9_000),
            "after=%5B" + "9".repeat(20_000) + "%5D",
        }) {
            HttpReply reply = node.raw("GET /api/export/shop.things?" + query + " HTTP/1.1", ADMIN);
            assertThat(reply.status()).as(reply.text()).isEqualTo(400);
            assertThat(reply.json().path("detail").asText()).hasSizeLessThan(700);
        }
    }

    @Test
    void a_table_that_changes_is_exported_as_it_is() throws Exception {
        String sql = "SELECT * FROM shop.changing";
        for (String change : new String[] {
            "ANALYZE shop.changing",
            "ALTER TABLE shop.changing ALTER t TYPE timestamptz",
            "ALTER TABLE shop.changing ALTER n TYPE date USING '2024-01-01'::date + n",
            "ALTER TABLE shop.changing DROP n",
            "ALTER TABLE shop.changing RENAME t TO u",
        }) {
            node.execute(change);
            assertBody(node.get("/shop.changing.csv", ADMIN), node.copyCsv(sql));
            assertBody(node.get("/shop.changing", ADMIN), node.rowToJson(sql));
        }
        node.execute("DROP TABLE shop.changing");
        assertProblem(node.get("/shop.changing.csv", ADMIN), 404, "not_found", "shop.changing");
    }

    @Test
    void a_name_is_never_cut() {
        assertThat(node.get("/shop." + LONGEST + ".csv", ADMIN).text()).isEqualTo("id\n1\n");
        assertProblem(node.get("/shop." + LONGEST + "t", ADMIN), 404, "not_found", "shop.ttt");
        assertProblem(node.get("/shop." + LONGEST + "t.csv", ADMIN), 404, "not_found", "shop.ttt");
    }

    /** Names and values in turn, then the headers. */
    private static String[] split(String query, String headers) {
        List<String> all = new ArrayList<>();
        for (String pair : query.split("&")) {
            all.addAll(List.of(pair.split("=", 2)));
        }
        all.addAll(List.of(headers.split("\r\n")));
        return all.toArray(String[]::new);
    }
}
