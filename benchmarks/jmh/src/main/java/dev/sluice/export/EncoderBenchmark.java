package dev.sluice.export;

import dev.sluice.flow.Buffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time, and with {@code -prof gc} bytes allocated, for one row of a shape by one encoder. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EncoderBenchmark {
    private static final int LIMIT = 16 * 1024 * 1024;

    /** The encoders of the three formats, and CSV as spreadsheets want it. */
    public enum Format {
        CSV,
        EXCEL,
        NDJSON,
        JSON
    }

    @Param
    Format format;

    @Param
    RowShape shape;

    private final Buffer buffer = new Buffer(LIMIT);
    private PackedRows rows;
    private RowEncoder encoder;

    @Setup
    public void prepare() {
        rows = shape.rows();
        encoder = switch (format) {
            case CSV -> Encoders.csv(shape.columns(), CsvOptions.STANDARD);
            case EXCEL -> Encoders.csv(shape.columns(), new CsvOptions(true, ';', "", true));
            case NDJSON -> Encoders.ndjson(shape.columns(), false);
            case JSON -> Encoders.json(shape.columns());
        };
        encoder.begin(buffer);
    }

    @Benchmark
    @OperationsPerInvocation(RowShape.ROWS)
    public Buffer row() {
        for (int i = 0; i < RowShape.ROWS; i++) {
            encoder.row(rows.at(i), buffer);
            if (buffer.isFull()) {
                buffer.clear();
            }
        }
        return buffer;
    }
}
