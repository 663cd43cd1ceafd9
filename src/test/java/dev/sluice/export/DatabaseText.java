package dev.sluice.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.support.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/** What a database itself prints, for SQL written by hand, with the settings that exports promise. Used by one thread. */
final class DatabaseText implements AutoCloseable {
    private final Connection connection;

    DatabaseText(TestDatabase database) throws SQLException {
        this.connection = database.connect();
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

    /** What {@code COPY (query) TO STDOUT (FORMAT csv, HEADER, …)} prints. */
    byte[] copyCsv(String query, String... options) throws SQLException, IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String more = options.length == 0 ? "" : ", " + String.join(", ", options);
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut(
                        "COPY (" + query + ") TO STDOUT (FORMAT csv" + (more.contains("HEADER") ? "" : ", HEADER")
                                + more + ")",
                        bytes);
        return bytes.toByteArray();
    }

    /** What {@code row_to_json} prints, each row on its line. */
    byte[] rowToJson(String query) throws SQLException {
        StringBuilder lines = new StringBuilder();
        for (String row : column("SELECT row_to_json(q)::text FROM (" + query + ") q")) {
            lines.append(row.replace('\n', ' ').replace('\r', ' ')).append('\n');
        }
        return lines.toString().getBytes(UTF_8);
    }

    /** The first column of a query's result. */
    List<String> column(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
            return values;
        }
    }

    void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
