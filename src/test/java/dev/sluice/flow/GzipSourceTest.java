package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GzipSourceTest {
    private static final int LIMIT = 1 << 20;
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 2_000 : 100;

    private final ScriptedSource inner = new ScriptedSource();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @Test
    void whateverThePortionsTheBytesComeBack() throws Exception {
        for (int seed = 0; seed < ROUNDS; seed++) {
            sent.reset();
            byte[] plain = script(new Random(seed));
            drain(new GzipSource(inner, LIMIT));
            assertThat(gunzip(sent.toByteArray())).as("seed %d", seed).isEqualTo(plain);
        }
    }

    @Test
    void theGzipCommandAgrees() throws Exception {
        for (int seed = 0; seed < 5; seed++) {
            sent.reset();
            byte[] plain = script(new Random(seed));
            drain(new GzipSource(inner, LIMIT));
            assertThat(gunzipByCommand(sent.toByteArray())).as("seed %d", seed).isEqualTo(plain);
        }
    }

    @Test
    void anEmptySourceIsAnEmptyGzipFile() throws Exception {
        inner.says("", Source.Step.END);

        drain(new GzipSource(inner, LIMIT));

        assertThat(gunzip(sent.toByteArray())).isEmpty();
    }

    @Test
    void beforeTheFirstByteNothingIsSent() throws Exception {
        inner.says("", Source.Step.WAIT).says("", Source.Step.MORE).says("a", Source.Step.END);
        GzipSource source = new GzipSource(inner, LIMIT);

        fill(source);
        fill(source);
        assertThat(sent.size()).isZero();
        fill(source);

        assertThat(gunzip(sent.toByteArray())).asString().isEqualTo("a");
    }

    @Test
    void whatCameBeforeAWaitCanBeReadBeforeTheNextByte() throws Exception {
        inner.says("hello", Source.Step.MORE).says("", Source.Step.WAIT);
        GzipSource source = new GzipSource(inner, LIMIT);

        fill(source);
        fill(source);

        InputStream in = new GZIPInputStream(new ByteArrayInputStream(sent.toByteArray()));
        assertThat(in.readNBytes(5)).asString(StandardCharsets.UTF_8).isEqualTo("hello");
        assertThatThrownBy(in::read).isInstanceOf(EOFException.class);
    }

    @Test
    void waitingAgainAndAgainSendsNothing() throws Exception {
        inner.says("hello", Source.Step.WAIT);
        GzipSource source = new GzipSource(inner, LIMIT);
        fill(source);
        int size = sent.size();

        for (int i = 0; i < 100; i++) {
            fill(source);
        }

        assertThat(sent.size()).isEqualTo(size);
    }

    @Test
    void cancelAndCloseReachTheInnerSource() {
        GzipSource source = new GzipSource(inner, LIMIT);

        source.cancel();
        source.close(EndReason.STALLED, null);

        assertThat(inner.events).containsExactly("cancel", "close stalled");
    }

    /** A script of random portions, some compressible, some not; the bytes it says. */
    private byte[] script(Random random) {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        for (int i = random.nextInt(12); i >= 0; i--) {
            byte[] portion = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(random.nextBoolean() ? 50 : 200_000)];
            if (random.nextBoolean()) {
                random.nextBytes(portion);
            }
            plain.writeBytes(portion);
            Source.Step step = random.nextBoolean() ? Source.Step.MORE : Source.Step.WAIT;
            inner.does(buffer -> {
                buffer.put(portion);
                return step;
            });
        }
        inner.says("", Source.Step.END);
        return plain.toByteArray();
    }

    private void drain(GzipSource source) throws Exception {
        while (fill(source) != Source.Step.END) {}
        source.close(EndReason.COMPLETE, null);
    }

    private Source.Step fill(GzipSource source) throws Exception {
        Buffer buffer = new Buffer(LIMIT);
        Source.Step step = source.fill(buffer, () -> {});
        sent.write(buffer.array(), 0, buffer.length());
        return step;
    }

    private static byte[] gunzip(byte[] compressed) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(compressed)).readAllBytes();
    }

    private byte[] gunzipByCommand(byte[] compressed) throws IOException, InterruptedException {
        Path in = Files.write(folder.resolve("in.gz"), compressed);
        Path out = folder.resolve("out");
        Process gzip = new ProcessBuilder("gzip", "-dc", in.toString())
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(gzip.waitFor()).isZero();
        return Files.readAllBytes(out);
    }
}
