package dev.sluice.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.flow.Buffer;
import dev.sluice.flow.Workers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * Holds our text against the server's: the same query by binary COPY and by a cursor through our encoders, and as {@code
 * COPY csv} and {@code row_to_json} by the server itself.
 */
final class Golden {
    private static final int LIMIT = 1 << 30;
    private static final Executor WORKERS = Workers.create("golden", 2);

    private final Connection connection;

    Golden(Connection connection) throws SQLException {
        this.connection = connection;
        for (String setting : List.of(
                "TimeZone = 'UTC'",
                "DateStyle = 'ISO'",
                "IntervalStyle = 'postgres'",
                "extra_float_digits = 1",
                "bytea_output = 'hex'",
                "xmlbinary = 'base64'",
                "lc_monetary = 'C'",
                "search_path = 'pg_catalog'")) {
            execute("SET " + setting);
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    void assertSame(String query) throws SQLException, IOException {
        assertSameCsv(query, CsvOptions.STANDARD);
        assertSameNdjson(query);
    }

    void assertSameCsv(String query, CsvOptions options) throws SQLException, IOException {
        assertSameCsv(query, describe(query), options);
    }

    void assertSameNdjson(String query) throws SQLException, IOException {
        assertSameNdjson(query, describe(query));
    }

    /** For the catalogues: a view cannot have columns of all their types. */
    void assertSameRelation(String name) throws SQLException, IOException {
        String query = "SELECT * FROM " + name + " ORDER BY 1, 2";
        assertSameCsv(query, typesOf(name), CsvOptions.STANDARD);
        assertSameNdjson(query, typesOf(name));
    }

    private void assertSameCsv(String query, Map<String, Integer> types, CsvOptions options)
            throws SQLException, IOException {
        List<OutputColumn> columns = columns(types, Encoders::csvForm);
        byte[] ours = encodeCopy(query, columns, Encoders.csv(columns, options));
        byte[] fromCursor = encodeCursor(query, columns, Encoders.csv(columns, options));
        byte[] servers = copy("COPY (" + query + ") TO STDOUT (FORMAT csv, HEADER " + options.header() + ", DELIMITER '"
                + options.delimiter() + "', NULL '" + options.nullText() + "')");
        assertSameText("COPY " + query + " " + options, ours, servers);
        assertSameText("cursor " + query + " " + options, fromCursor, servers);
    }

    private void assertSameNdjson(String query, Map<String, Integer> types) throws SQLException, IOException {
        List<OutputColumn> columns = columns(types, Encoders::jsonForm);
        byte[] ours = encodeCopy(query, columns, Encoders.ndjson(columns, false));
        byte[] fromCursor = encodeCursor(query, columns, Encoders.ndjson(columns, false));
        StringBuilder servers = new StringBuilder();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT row_to_json(q)::text FROM (" + query + ") q")) {
            while (rows.next()) {
                servers.append(rows.getString(1).replace('\n', ' ').replace('\r', ' '))
                        .append('\n');
            }
        }
        assertSameText("COPY " + query, ours, servers.toString().getBytes(UTF_8));
        assertSameText("cursor " + query, fromCursor, servers.toString().getBytes(UTF_8));
    }

    private byte[] encodeCopy(String query, List<OutputColumn> columns, RowEncoder encoder) throws SQLException {
        return encode(
                new CopySource(
                        connection,
                        dev.sluice.export.Statement.of(select(query, columns)),
                        columns.size(),
                        new Cancellation(InstantSource.system()),
                        WORKERS),
                encoder);
    }

    private byte[] encodeCursor(String query, List<OutputColumn> columns, RowEncoder encoder) throws SQLException {
        return encode(
                new CursorSource(
                        connection,
                        dev.sluice.export.Statement.of(select(query, columns)),
                        columns,
                        new Cancellation(InstantSource.system()),
                        WORKERS),
                encoder);
    }

    private static byte[] encode(RowSource source, RowEncoder encoder) throws SQLException {
        Buffer out = new Buffer(LIMIT);
        encoder.begin(out);
        long rows = 0;
        while (source.next()) {
            encoder.row(source.row(), out);
            rows++;
        }
        source.close();
        encoder.end(rows, out);
        return Arrays.copyOf(out.array(), out.length());
    }

    private static String select(String query, List<OutputColumn> columns) {
        return columns.stream()
                .map(column -> Encoders.sql("q." + quoted(column.name()), column.form()))
                .collect(Collectors.joining(", ", "SELECT ", " FROM (" + query + ") q"));
    }

    private byte[] copy(String sql) throws SQLException, IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql, bytes);
        return bytes.toByteArray();
    }

    private static List<OutputColumn> columns(Map<String, Integer> types, IntFunction<ColumnForm> form) {
        return types.entrySet().stream()
                .map(type -> new OutputColumn(type.getKey(), type.getValue(), form.apply(type.getValue())))
                .toList();
    }

    private Map<String, Integer> describe(String query) throws SQLException {
        execute("CREATE TEMP VIEW golden_columns AS " + query);
        Map<String, Integer> types = typesOf("pg_temp.golden_columns");
        execute("DROP VIEW pg_temp.golden_columns");
        return types;
    }

    /** Columns with the base types of their domains, in order; an enum's binary form is that of text. */
    private Map<String, Integer> typesOf(String relation) throws SQLException {
        Map<String, Integer> types = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                WITH RECURSIVE base(attnum, attname, oid) AS (
                  SELECT attnum, attname, atttypid FROM pg_attribute
                  WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped
                  UNION ALL
                  SELECT attnum, attname, typbasetype FROM base JOIN pg_type USING (oid) WHERE typtype = 'd')
                SELECT attname::text, CASE typtype WHEN 'e' THEN 25 ELSE oid::int8 END FROM base JOIN pg_type USING (oid) WHERE typtype <> 'd' ORDER BY attnum
                """)) {
            statement.setString(1, relation);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                types.put(rows.getString(1), (int) rows.getLong(2));
            }
        }
        return types;
    }

    private static void assertSameText(String what, byte[] ours, byte[] servers) {
        int at = Arrays.mismatch(ours, servers);
        if (at >= 0) {
            assertThat(around(ours, at)).as("at byte %d of %s", at, what).isEqualTo(around(servers, at));
            assertThat(ours).hasSameSizeAs(servers);
        }
    }

    private static String around(byte[] text, int at) {
        int start = Math.max(0, at - 200);
        return new String(text, start, Math.min(text.length, at + 200) - start, UTF_8);
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
