package dev.sluice.export;

import dev.sluice.export.BinaryType.Column;
import dev.sluice.export.BinaryType.Kind;
import java.util.List;

/**
 * The door to the encoders: which types they know in the binary format, how the query must hand over the others, and
 * the encoder of each format. Stateless.
 */
final class Encoders {
    private static final Column SERVER_TEXT = new Column(Kind.TEXT, ScalarText::text, JsonText::string);

    private Encoders() {}

    /** Whether CSV and JSON can be made from the binary form of a type (a domain's base type). */
    static boolean hasBinary(int typeOid) {
        return BinaryType.column(typeOid) != null;
    }

    /** All types that CSV and JSON can be made of from their binary form. */
    static int[] binaryTypes() {
        return BinaryType.oids();
    }

    /** In which form a column of a CSV export must arrive. */
    static ColumnForm csvForm(int typeOid) {
        return hasBinary(typeOid) ? ColumnForm.BINARY : ColumnForm.TEXT;
    }

    /** In which form a column of a JSON or NDJSON export must arrive. */
    static ColumnForm jsonForm(int typeOid) {
        return hasBinary(typeOid) ? ColumnForm.BINARY : ColumnForm.JSON;
    }

    /**
     * The SQL that makes the server hand an expression over in a form, exactly and null for null. A cast to text would
     * not do: it prints some types otherwise than their output function. IS DISTINCT FROM NULL and not IS NOT NULL,
     * which is false for a composite with a null in it.
     *
     * @param expression trusted SQL, used twice: a column reference
     */
    static String sql(String expression, ColumnForm form) {
        return switch (form) {
            case BINARY -> expression;
            case TEXT ->
                "CASE WHEN " + expression + " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', " + expression
                        + ") END";
            case JSON -> "pg_catalog.to_json(" + expression + ")::pg_catalog.text";
        };
    }

    static RowEncoder csv(List<OutputColumn> columns, CsvOptions options) {
        return new CsvEncoder(List.copyOf(columns), options);
    }

    static RowEncoder ndjson(List<OutputColumn> columns, boolean endRecord) {
        return new NdjsonEncoder(List.copyOf(columns), endRecord);
    }

    static RowEncoder json(List<OutputColumn> columns) {
        return new JsonArrayEncoder(List.copyOf(columns));
    }

    /** Whether a column's encoder would misread the text form; that of text types is the same. */
    static boolean needsBinary(OutputColumn column) {
        return column.form() == ColumnForm.BINARY && known(column).kind() != Kind.TEXT;
    }

    static Column csvColumn(OutputColumn column) {
        return column.form() == ColumnForm.BINARY ? known(column) : SERVER_TEXT;
    }

    static FieldEncoder jsonColumn(OutputColumn column) {
        return switch (column.form()) {
            case BINARY -> known(column).json();
            case TEXT -> SERVER_TEXT.json();
            case JSON -> JsonText::json;
        };
    }

    private static Column known(OutputColumn column) {
        Column known = BinaryType.column(column.typeOid());
        if (known == null) {
            throw new IllegalArgumentException(
                    "No binary encoder for type " + column.typeOid() + " of column " + column.name());
        }
        return known;
    }
}
