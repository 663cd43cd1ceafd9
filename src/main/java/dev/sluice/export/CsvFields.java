package dev.sluice.export;

import dev.sluice.export.BinaryType.Column;
import dev.sluice.export.BinaryType.Kind;
import dev.sluice.flow.Buffer;

/** Chooses, for each column of a CSV export, the cheapest encoder that keeps the quoting rules. */
final class CsvFields {
    /** With these between them, plain fields never need quotes. */
    private static final String USUAL_DELIMITERS = ",;\t|";

    private final CsvText csv;
    private final boolean excel;
    private final boolean plainIsClean;

    CsvFields(CsvOptions options, CsvText csv) {
        this.csv = csv;
        this.excel = options.excel();
        this.plainIsClean = USUAL_DELIMITERS.indexOf(options.delimiter()) >= 0
                && options.nullText().isEmpty();
    }

    FieldEncoder field(Column column) {
        Kind kind = column.kind();
        boolean number = kind == Kind.NUMBER || kind == Kind.MONEY;
        if (plainIsClean && (kind == Kind.NUMBER || kind == Kind.PLAIN) && !excel) {
            return column.text();
        }
        if (excel) {
            return number ? excelNumber(column.text()) : excelText(column.text());
        }
        return switch (kind) {
            case TEXT -> csv::field;
            case JSONB -> this::jsonb;
            default -> checked(column.text());
        };
    }

    /** Nearly always full of quotes: doubled on the way, not afterwards. */
    private void jsonb(byte[] from, int offset, int length, Buffer out) {
        ScalarText.checkJsonb(from, offset, length);
        csv.field(from, offset + 1, length - 1, out);
    }

    /** Text, quoted afterwards where it must be. */
    private FieldEncoder checked(FieldEncoder text) {
        return (from, offset, length, out) -> {
            int start = out.length();
            text.encode(from, offset, length, out);
            csv.quoteInPlace(start, out);
        };
    }

    private FieldEncoder excelNumber(FieldEncoder text) {
        return (from, offset, length, out) -> {
            int start = out.length();
            text.encode(from, offset, length, out);
            if (ExcelText.isInfinity(start, out)) {
                ExcelText.defuse(start, out);
            }
            csv.quoteInPlace(start, out);
        };
    }

    private FieldEncoder excelText(FieldEncoder text) {
        return (from, offset, length, out) -> {
            int start = out.length();
            text.encode(from, offset, length, out);
            ExcelText.defuse(start, out);
            csv.quoteInPlace(start, out);
        };
    }
}
