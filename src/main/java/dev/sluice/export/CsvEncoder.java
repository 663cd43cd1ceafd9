package dev.sluice.export;

import dev.sluice.flow.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Rows as CSV, byte for byte what {@code COPY (query) TO STDOUT (FORMAT csv)} prints with the same options. */
final class CsvEncoder implements RowEncoder {
    private final List<OutputColumn> columns;
    private final CsvOptions options;
    private final CsvText csv;
    private final FieldEncoder[] fields;
    private final byte[] nullText;
    private final byte[] lineEnd;
    private final byte delimiter;

    CsvEncoder(List<OutputColumn> columns, CsvOptions options) {
        this.columns = columns;
        this.options = options;
        this.csv = new CsvText(options, columns.size() == 1);
        CsvFields cells = new CsvFields(options, csv);
        this.fields = columns.stream()
                .map(column -> cells.field(Encoders.csvColumn(column)))
                .toArray(FieldEncoder[]::new);
        this.nullText = csv.nullText();
        this.lineEnd = options.excel() ? ExcelText.LINE_END : new byte[] {'\n'};
        this.delimiter = (byte) options.delimiter();
    }

    @Override
    public void begin(Buffer out) {
        if (options.excel() && !options.continued()) {
            out.put(ExcelText.BYTE_ORDER_MARK);
        }
        if (options.header()) {
            header(out);
        }
    }

    private void header(Buffer out) {
        for (int i = 0; i < columns.size(); i++) {
            if (i > 0) {
                out.put(delimiter);
            }
            int start = out.length();
            out.put(columns.get(i).name().getBytes(StandardCharsets.UTF_8));
            if (options.excel()) {
                ExcelText.defuse(start, out);
            }
            csv.quoteInPlace(start, out);
        }
        out.put(lineEnd);
    }

    @Override
    public void row(RowFields row, Buffer out) {
        for (int i = 0; i < fields.length; i++) {
            if (i > 0) {
                out.put(delimiter);
            }
            if (row.isNull(i)) {
                out.put(nullText);
            } else {
                fields[i].encode(row.bytes(i), row.offset(i), row.length(i), out);
            }
        }
        out.put(lineEnd);
    }

    @Override
    public void end(long rows, Buffer out) {
        // CSV ends with its last line.
    }
}
