package dev.sluice.export;

import static dev.sluice.export.ExportNode.ADMIN;
import static dev.sluice.export.ExportNode.assertBody;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole tables over HTTP are what the server's own COPY and row_to_json print; for each server one subclass. */
@InBothLanes
@SuppressWarnings("NullAway.Init") // given by JUnit
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ExportGoldenContract {
    private static final long SEED = Long.getLong("sluice.test.seed", 20261121L);
    private static final boolean FULL = Boolean.getBoolean("sluice.test.full");
    private static final int TABLES = FULL ? 200 : 12;
    private static final int ROWS = FULL ? 200 : 30;

    @Parameter
    private Lane lane;

    private List<String> missingExtensions = List.of();

    private @Nullable ExportNode started;

    abstract TestDatabase database();

    @BeforeParameterizedClassInvocation
    void start() throws SQLException {
        TestDatabase database = database();
        missingExtensions = ServedValues.create(database);
        database.execute(
                "CREATE TABLE public.with_default AS SELECT 1 AS a",
                "ALTER TABLE public.with_default ADD b text DEFAULT 'a \"b\", c'",
                "CREATE TYPE public.mood AS ENUM ('so so', '\"')",
                "CREATE FUNCTION public.\"f ?\" (a int, VARIADIC b text[] DEFAULT '{x}') RETURNS text LANGUAGE sql"
                        + " AS $$ SELECT 'a''\\b'::text $$");
        started = new ExportNode(
                database,
                ExportNode.settings(database)
                        .set("export.lane", lane.label())
                        .set("export.schemas", "pg_catalog,kinds")
                        .start());
    }

    @AfterParameterizedClassInvocation
    void stop() throws SQLException {
        if (started != null) {
            started.close();
        }
    }

    private ExportNode node() {
        return java.util.Objects.requireNonNull(started);
    }

    @ParameterizedTest
    @CsvSource({
        "pg_proc,oid",
        "pg_attribute,attrelid attnum",
        "pg_type,oid",
        "pg_class,oid",
        "pg_index,indexrelid",
        "pg_operator,oid",
        "pg_aggregate,aggfnoid",
        "pg_rewrite,oid",
        "pg_description,objoid classoid objsubid",
        "pg_ts_config_map,mapcfg maptokentype mapseqno",
        "pg_timezone_names,name",
        "pg_collation,oid",
    })
    void system_catalogues_are_as_the_server_prints_them(String table, String key) throws Exception {
        String order = key.replace(' ', ',');
        String sql = "SELECT * FROM pg_catalog." + table + " ORDER BY " + order;
        assertBody(node().get("/pg_catalog." + table + ".csv", "order", order, ADMIN), node().copyCsv(sql));
        assertBody(node().get("/pg_catalog." + table, "order", order, ADMIN), node().rowToJson(sql));
    }

    @Test
    void types_made_of_each_other_are_as_the_server_prints_them() throws Exception {
        for (long seed = SEED; seed < SEED + TABLES; seed++) {
            String table = "kinds.t" + seed;
            List<String> statements = new RandomTypes(seed, missingExtensions).table(table, ROWS);
            node().execute(statements.toArray(String[]::new));
            String sql = "SELECT * FROM " + table + " ORDER BY id";
            assertBody(node().get("/" + table + ".csv", ADMIN), node().copyCsv(sql));
            assertBody(node().get("/" + table, ADMIN), node().rowToJson(sql));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hstore", "citext"})
    void types_of_extensions_are_as_the_server_prints_them(String type) throws Exception {
        assumeThat(missingExtensions).doesNotContain(type);
        String table = "kinds.of_" + type;
        String name = "kinds." + type;
        String own = "kinds.own_" + type;
        node().execute(
                        "CREATE DOMAIN " + own + " AS " + name,
                        "CREATE TYPE kinds.with_" + type + " AS (a " + name + ", b " + own + "[])",
                        "CREATE TABLE " + table + " (id serial PRIMARY KEY, a " + name + ", b " + own + ", c " + name
                                + "[], d kinds.with_" + type + ", e " + own + "[])",
                        "INSERT INTO " + table + " (a) VALUES (NULL)");
        for (String value : samples(name).some(40)) {
            String one = RandomTypes.escaped(value);
            String composite =
                    RandomTypes.composite(Stream.of(RandomTypes.doubled(value), RandomTypes.doubled("{" + one + "}")));
            node().execute(Stream.of(value, value, "{" + one + ",NULL}", composite, "[-1:0]={NULL," + one + "}")
                    .map(ServedValues::quoted)
                    .collect(Collectors.joining(", ", "INSERT INTO " + table + " (a, b, c, d, e) VALUES (", ")")));
        }
        String sql = "SELECT * FROM " + table + " ORDER BY id";
        assertBody(node().get("/" + table + ".csv", ADMIN), node().copyCsv(sql));
        assertBody(node().get("/" + table, ADMIN), node().rowToJson(sql));
        assertThat(node().get("/" + table, ADMIN).text())
                .contains(type.equals("hstore") ? "\"d\":{\"a\":{" : "\"d\":{\"a\":\"");
    }

    @Test
    void an_enum_with_its_own_cast_to_json_is_as_the_server_prints_it() throws Exception {
        node().execute(
                        "CREATE TYPE kinds.grade AS ENUM ('low', 'high')",
                        "CREATE FUNCTION kinds.grade_json(kinds.grade) RETURNS json LANGUAGE sql IMMUTABLE"
                                + " RETURN json_build_object('grade', $1::text)",
                        "CREATE CAST (kinds.grade AS json) WITH FUNCTION kinds.grade_json(kinds.grade)",
                        "CREATE DOMAIN kinds.grade_domain AS kinds.grade",
                        "CREATE TABLE kinds.grades AS SELECT i AS id, g::kinds.grade, g::kinds.grade::kinds.grade_domain AS d,"
                                + " ARRAY[g::kinds.grade] AS a FROM unnest('{low,high,NULL}'::text[]) WITH ORDINALITY AS t (g, i)");
        String sql = "SELECT * FROM kinds.grades ORDER BY id";
        assertBody(node().get("/kinds.grades.csv", "order", "id", ADMIN), node().copyCsv(sql));
        assertBody(node().get("/kinds.grades", "order", "id", ADMIN), node().rowToJson(sql));
        assertThat(node().get("/kinds.grades", ADMIN).text()).contains("\"g\":{\"grade\" : \"low\"}");
    }

    private static SampleValues.Samples samples(String name) {
        return new ServedValues(SEED)
                .all().stream()
                        .filter(type -> type.name().equals(name))
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void every_common_type_is_as_the_server_prints_it() throws Exception {
        assertBody(node().get("/events.csv"), node().copyCsv("SELECT * FROM demo.events ORDER BY id"));
        assertBody(node().get("/events"), node().rowToJson("SELECT * FROM demo.events ORDER BY id"));
        assertBody(node().get("/logs.csv"), node().copyCsv("SELECT * FROM demo.logs ORDER BY id"));
    }

    @Test
    void demo_data_are_as_the_server_prints_them_under_their_json_names() throws Exception {
        String users =
                "SELECT id, email, name, roles, created_at AS \"createdAt\" FROM demo.users ORDER BY created_at, id";
        assertBody(node().get("/users"), node().rowToJson(users));
        assertBody(node().get("/users.csv"), node().copyCsv(users.replace("\"createdAt\"", "created_at")));
        String tasks = "SELECT id, title, description, status, priority, dependencies, created_at AS \"createdAt\","
                + " updated_at AS \"updatedAt\" FROM demo.tasks ORDER BY id";
        assertBody(node().get("/tasks"), node().rowToJson(tasks));
        String array = new String(node().rowToJson(tasks), UTF_8).strip().replace("\n", ",\n");
        assertBody(node().get("/tasks.json"), ("[" + array + "]\n").getBytes(UTF_8));
        assertThat(node().raw("GET /export/users HTTP/1.1").body())
                .isEqualTo(node().get("/users.csv").body());
    }
}
