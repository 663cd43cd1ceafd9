package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.support.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PgConnection;

/** Our text is the server's text, byte for byte, for seeded random values of every type; for each server one subclass. */
abstract class EncodersContract {
    private static final long SEED = Long.getLong("sluice.test.seed", 20261121L);
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 20_000 : 400;

    private Connection connection;
    private Golden golden;
    private @Nullable List<String> missingExtensions;

    abstract TestDatabase database();

    @BeforeEach
    void connect() throws SQLException {
        if (missingExtensions == null) {
            missingExtensions = ServedValues.create(database());
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(database().jdbcUrl());
        source.setUser(database().user());
        source.setPassword(database().password());
        source.setPrepareThreshold(-1);
        // A cached statement falls back to text after DDL or SET search_path.
        source.setPreparedStatementCacheQueries(0);
        source.setBinaryTransferEnable(
                IntStream.of(Encoders.binaryTypes()).mapToObj(Integer::toString).collect(Collectors.joining(",")));
        connection = source.getConnection();
        connection.setAutoCommit(false);
        golden = new Golden(connection);
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    /** All but a domain that is an array itself, which the server makes no arrays of without being asked for them. */
    static Stream<SampleValues.Samples> elements() {
        return types().filter(type -> !type.name().equals("kinds.numbers"));
    }

    static Stream<SampleValues.Samples> types() {
        return Stream.concat(new SampleValues(SEED).all().stream(), new ServedValues(SEED).all().stream());
    }

    @ParameterizedTest
    @MethodSource("types")
    void random_values_of_every_type_are_as_the_server_prints_them(SampleValues.Samples type) throws Exception {
        assumeInstalled(type);
        load(type.all(ROUNDS));
        golden.assertSame("SELECT id, " + type.expression() + " AS v FROM pg_temp.samples ORDER BY id");
    }

    @ParameterizedTest
    @MethodSource("types")
    void a_single_column_of_every_type_is_as_the_server_prints_it(SampleValues.Samples type) throws Exception {
        assumeInstalled(type);
        load(type.some(ROUNDS / 8));
        golden.assertSame("SELECT " + type.expression() + " AS v FROM pg_temp.samples ORDER BY id");
    }

    @ParameterizedTest
    @MethodSource("elements")
    void arrays_of_every_type_are_as_the_server_prints_them(SampleValues.Samples type) throws Exception {
        assumeInstalled(type);
        load(type.some(ROUNDS / 4));
        String value = type.expression();
        golden.assertSame("SELECT id, ARRAY[" + value + "] AS one, ARRAY[" + value + ", NULL, " + value + "] AS three,"
                + " (ARRAY[" + value + "])[2:3] AS none, ARRAY[[" + value + ", NULL], [" + value + ", " + value
                + "]] AS two_dimensions FROM pg_temp.samples ORDER BY id");
        if (!value.endsWith("2vector") && !value.endsWith("oidvector")) {
            golden.assertSame("SELECT array_fill(" + value + ", ARRAY[2], ARRAY[-1]) AS bounds, array_fill(" + value
                    + ", ARRAY[1, 2, 2], ARRAY[1, 0, 7]) AS three_dimensions FROM pg_temp.samples ORDER BY id");
        }
    }

    @ParameterizedTest
    @MethodSource("elements")
    void every_csv_option_is_followed_for_every_type(SampleValues.Samples type) throws Exception {
        assumeInstalled(type);
        load(type.some(ROUNDS / 8));
        String query = "SELECT id, " + type.expression() + " AS v, NULLIF(id % 3, 0) AS some_nulls, ARRAY["
                + type.expression() + "] AS a FROM pg_temp.samples ORDER BY id";
        Random random = new Random(SEED);
        for (int i = 0; i < 12; i++) {
            char delimiter = ";\t|:-+ 01/.\\{a,".charAt(random.nextInt(14));
            String nullText =
                    List.of("", "0", "1", "NULL", "f", "\\N", "infinity", "a").get(random.nextInt(8));
            if (nullText.indexOf(delimiter) < 0) {
                golden.assertSameCsv(query, new CsvOptions(random.nextBoolean(), delimiter, nullText, false));
            }
        }
    }

    @Test
    void types_the_server_prints_for_us_are_as_in_its_own_export() throws Exception {
        golden.execute("CREATE TYPE pg_temp.mood AS ENUM ('so so', 'very \"good\"', '')");
        golden.execute("CREATE TYPE pg_temp.pair AS (a int, \"b c\" text, d timestamptz, e bool, f char(5), j json)");
        golden.execute("CREATE DOMAIN pg_temp.short AS varchar(9)");
        golden.execute("CREATE DOMAIN pg_temp.shorter AS pg_temp.short");
        golden.execute("CREATE DOMAIN pg_temp.numbers AS int[]");
        golden.assertSame("""
                SELECT m::pg_temp.mood, ARRAY[m::pg_temp.mood, NULL] AS moods,
                  ROW(1, m, '2024-02-03 04:05:06+02', true, 'x', E'{"a":\n1}')::pg_temp.pair AS pair,
                  ROW(NULL, NULL, NULL, NULL, NULL, NULL)::pg_temp.pair AS empty_pair, NULL::pg_temp.pair AS no_pair,
                  ARRAY[ROW(1, 'a,b', NULL, false, '', '1')::pg_temp.pair] AS pairs,
                  m::pg_temp.shorter AS domain, '{1,2}'::pg_temp.numbers AS domain_of_array,
                  ARRAY[m::pg_temp.short] AS array_of_domain,
                  int4range(1, 5) AS range, tstzrange('2024-01-01+00', NULL) AS times, '{[1,2],[4,5]}'::int4multirange AS ranges,
                  ARRAY[numrange(1.0, 2.5)] AS array_of_ranges,
                  'pg_class'::regclass AS class, 'int4in'::regproc AS function, 'text'::regtype AS type,
                  'a & "b"'::tsquery AS question, to_tsvector('simple', 'a "b" it''s') AS words, '(1,2)'::point AS point,
                  '((1,2),(3,4))'::box AS box, ARRAY['((1,2),(3,4))'::box] AS boxes, '<(1,2),3>'::circle AS circle,
                  'a'::"char" AS c, ''::"char" AS no_c, ARRAY['a'::"char", ','] AS cs, '$.a[*]'::jsonpath AS path,
                  'postgres=arwdDxt/postgres'::aclitem AS acl, '1:2:'::pg_snapshot AS snapshot
                FROM unnest(ARRAY['so so', 'very "good"', '', NULL]) AS m
                """);
    }

    @Test
    void a_column_that_comes_as_text_is_refused_and_not_misread() throws Exception {
        connection.unwrap(PgConnection.class).setForceBinary(false);
        connection.unwrap(PgConnection.class).setPrepareThreshold(5);
        assertThatThrownBy(() -> golden.assertSame("SELECT 1234 AS a")).isInstanceOf(MalformedFieldException.class);
        golden.assertSame("SELECT 'a'::text AS a, '{}'::json AS b");
    }

    @Test
    void names_with_quotes_breaks_and_emoji_are_as_the_server_prints_them() throws Exception {
        golden.assertSame(
                "SELECT 1 AS \"a\"\"b\", 2 AS \"c,d\", 3 AS \"\ud83d\ude00\n\", 4 AS \"\\\t\u0001\", 5 AS limit,"
                        + " 6 AS \" \" ");
        golden.assertSame("SELECT 1 AS \"\\.\"");
        golden.assertSameCsv("SELECT 1 AS \"0\", 0 AS \"null\"", new CsvOptions(true, ',', "0", false));
    }

    @Test
    void results_without_rows_or_columns_are_as_the_server_prints_them() throws Exception {
        golden.assertSame("SELECT 1 AS a WHERE false");
        golden.assertSame("SELECT FROM generate_series(1, 3)");
        golden.assertSame("SELECT NULL::int AS a, NULL::text AS b, NULL::int[] AS c");
        golden.assertSame("SELECT NULL::int AS a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pg_proc", "pg_attribute", "pg_type", "pg_class", "pg_index", "pg_operator", "pg_settings"})
    void system_catalogues_are_as_the_server_prints_them(String table) throws Exception {
        golden.execute("CREATE TEMP TABLE with_missing_value AS SELECT 1 AS a");
        golden.execute("ALTER TABLE pg_temp.with_missing_value ADD b text DEFAULT 'a \"b\", c'");
        golden.assertSameRelation("pg_catalog." + table);
    }

    private void assumeInstalled(SampleValues.Samples type) {
        assumeThat(missingExtensions).doesNotContain(type.name().replace("kinds.", ""));
    }

    private void load(List<String> values) throws SQLException {
        golden.execute("CREATE TEMP TABLE samples (id int, v text)");
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO pg_temp.samples SELECT row_number() OVER (), v FROM unnest(?) v")) {
            insert.setArray(1, connection.createArrayOf("text", values.toArray()));
            insert.executeUpdate();
        }
        golden.execute("INSERT INTO pg_temp.samples VALUES (0, NULL)");
    }
}
