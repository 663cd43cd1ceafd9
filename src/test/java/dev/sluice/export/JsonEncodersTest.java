package dev.sluice.export;

import static dev.sluice.export.Binary.NULL;
import static dev.sluice.export.Binary.column;
import static dev.sluice.export.Binary.concat;
import static dev.sluice.export.Binary.hex;
import static dev.sluice.export.Binary.int4;
import static dev.sluice.export.Binary.print;
import static dev.sluice.export.Binary.row;
import static dev.sluice.export.Binary.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.flow.Buffer;
import dev.sluice.flow.BufferFullException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonEncodersTest {
    private static final List<OutputColumn> TWO =
            List.of(column("id", BinaryType.INT4), column("na\"me", BinaryType.TEXT));

    @Test
    void each_row_is_a_line() {
        assertThat(print(Encoders.ndjson(TWO, false), List.of(row(int4(1), text("a")), row(NULL, NULL))))
                .isEqualTo("{\"id\":1,\"na\\\"me\":\"a\"}\n{\"id\":null,\"na\\\"me\":null}\n");
    }

    @Test
    void the_end_record_counts_the_rows() {
        assertThat(print(Encoders.ndjson(TWO, true), List.of())).isEqualTo("{\"_end\":{\"rows\":0}}\n");
        assertThat(print(Encoders.ndjson(TWO, true), List.of(row(NULL, NULL)))).endsWith("\n{\"_end\":{\"rows\":1}}\n");
    }

    @Test
    void an_array_holds_the_same_objects() {
        List<OutputColumn> one = List.of(column("id", BinaryType.INT4));
        assertThat(print(Encoders.json(one), List.of())).isEqualTo("[]\n");
        assertThat(print(Encoders.json(one), List.of(row(int4(1))))).isEqualTo("[{\"id\":1}]\n");
        assertThat(print(Encoders.json(one), List.of(row(int4(1)), row(int4(2)))))
                .isEqualTo("[{\"id\":1},\n{\"id\":2}]\n");
    }

    @Test
    void strings_are_escaped_as_the_server_does() {
        assertThat(print(JsonText::string, text("\"\\\b\f\n\r\t\u0001\u001f\u007f/\u00e9\ud83d\ude00")))
                .isEqualTo("\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\u007f/\u00e9\ud83d\ude00\"");
        assertThat(print(JsonText::string, text("a long text without any of them")))
                .isEqualTo("\"a long text without any of them\"");
    }

    @Test
    void line_breaks_of_json_values_become_spaces() {
        assertThat(print(JsonText::json, text("{\r\n\"a\":\n1}\n"))).isEqualTo("{  \"a\": 1} ");
    }

    @Test
    void what_the_server_printed_is_spliced_in() {
        List<OutputColumn> columns =
                List.of(new OutputColumn("a", 0, ColumnForm.JSON), new OutputColumn("b", 0, ColumnForm.TEXT));
        assertThat(print(Encoders.ndjson(columns, false), List.of(row(text("{\"x\":\n1}"), text("\"")))))
                .isEqualTo("{\"a\":{\"x\": 1},\"b\":\"\\\"\"}\n");
    }

    @Test
    void bool_and_jsonb_are_json_and_oid_is_quoted() {
        List<OutputColumn> columns =
                List.of(column("a", BinaryType.BOOL), column("b", BinaryType.JSONB), column("c", BinaryType.OID));
        RowFields row = row(hex("01"), concat(hex("01"), text("{\"k\": 1}")), int4(-1));
        assertThat(print(Encoders.ndjson(columns, false), List.of(row)))
                .isEqualTo("{\"a\":true,\"b\":{\"k\": 1},\"c\":\"4294967295\"}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INT2",
                "INT8",
                "FLOAT4",
                "UUID",
                "NUMERIC",
                "DATE",
                "TIMESTAMPTZ",
                "INET",
                "JSONB",
                "BIT",
                "INT2VECTOR"
            })
    void a_field_that_is_not_of_its_type_is_never_printed(String type) {
        RowEncoder csv = Encoders.csv(List.of(column("a", BinaryType.valueOf(type))), CsvOptions.STANDARD);
        RowEncoder json = Encoders.json(List.of(column("a", BinaryType.valueOf(type))));
        RowFields row = row(hex("050607"));
        assertThatThrownBy(() -> csv.row(row, new Buffer(1000))).isInstanceOf(MalformedFieldException.class);
        assertThatThrownBy(() -> json.row(row, new Buffer(1000))).isInstanceOf(MalformedFieldException.class);
    }

    @Test
    void a_row_beyond_the_buffers_limit_is_an_error() {
        RowEncoder json = Encoders.ndjson(TWO, false);
        RowFields row = row(int4(1), text("x".repeat(2000)));
        assertThatThrownBy(() -> json.row(row, new Buffer(1000))).isInstanceOf(BufferFullException.class);
    }

    @Test
    void a_column_of_an_unknown_type_must_come_as_text() {
        OutputColumn unknown = new OutputColumn("a", 3614, ColumnForm.BINARY);
        assertThatThrownBy(() -> Encoders.json(List.of(unknown))).isInstanceOf(IllegalArgumentException.class);
        assertThat(Encoders.hasBinary(3614)).isFalse();
        assertThat(Encoders.csvForm(3614)).isEqualTo(ColumnForm.TEXT);
        assertThat(Encoders.jsonForm(3614)).isEqualTo(ColumnForm.JSON);
        assertThat(Encoders.jsonForm(25)).isEqualTo(ColumnForm.BINARY);
    }
}
