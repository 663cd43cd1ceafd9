package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams on a real container: how they end, and how the node ends them. */
class StreamsIT {
    private static final Pump.Limits LIMITS =
            new Pump.Limits(Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofMinutes(10), 1 << 20);
    private static final byte[] CHUNK = new byte[Buffer.CHUNK];

    private final ManualClock clock = new ManualClock();
    private final Budget budget = new Budget(clock);
    private final Streams streams = new Streams(clock, budget);
    private final Streams real = new Streams(InstantSource.system(), budget);
    private final List<EndReason> closed = new CopyOnWriteArrayList<>();
    private final ExecutorService workers = Executors.newFixedThreadPool(4);
    private final HttpClient client = HttpClient.newHttpClient();
    private final Tomcat tomcat = new Tomcat();

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws Exception {
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", folder.toString());
        add(context, CutServlet.PATH, new CutServlet());
        stream(context, "/whole", () -> says("a").says("b", Source.Step.END));
        stream(context, "/empty", () -> new ScriptedSource().says("", Source.Step.END));
        stream(context, "/broken", () -> says("a".repeat(Buffer.CHUNK)).does(StreamsIT::fail));
        stream(context, "/early", () -> says("a").does(StreamsIT::fail));
        stream(context, "/failing", () -> new ScriptedSource().does(StreamsIT::fail));
        stream(context, "/silent", ScriptedSource::new);
        stream(context, "/endless", Endless::new);
        stream(context, "/long", Counting::new);
        add(context, "/widened", new Widening());
        add(context, "/waiting", new Streaming(real, () -> new ScriptedSource().says("a", Source.Step.WAIT)));
        tomcat.start();
    }

    @AfterEach
    void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
        workers.shutdownNow();
    }

    @Test
    void aStreamThatEndsHasAnEnd() throws Exception {
        HttpResponse<String> whole = get("/whole");

        assertThat(whole.body()).isEqualTo("ab");
        assertThat(whole.headers().firstValue("Begun")).hasValue("/whole");

        awaitClosed(EndReason.COMPLETE);
    }

    @Test
    void aStreamOfNothingHasItsHeaders() throws Exception {
        HttpResponse<String> empty = get("/empty");

        assertThat(empty.body()).isEmpty();
        assertThat(empty.headers().firstValue("Begun")).hasValue("/empty");
    }

    @Test
    void aStreamThatFailsAfterItsFirstByteIsNoWholeBody() {
        assertThatThrownBy(() -> get("/broken")).isInstanceOf(IOException.class);

        awaitClosed(EndReason.SOURCE_FAILED);
    }

    @Test
    void aStreamThatFailsBeforeItsFirstByteIsAnAnswer() throws Exception {
        HttpResponse<String> answer = get("/failing");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).isEqualTo("source-failed: failed");
        assertThat(answer.headers().firstValue("Begun")).isEmpty();
    }

    @Test
    void anAnswerHasNothingOfWhatWasWrittenButNotSent() throws Exception {
        assertThat(get("/early").body()).isEqualTo("source-failed: failed");
    }

    @Test
    void aLongStreamIsWholeWhenItsSocketBufferIsWidened() throws Exception {
        HttpResponse<byte[]> whole = client.send(request("/long"), HttpResponse.BodyHandlers.ofByteArray());

        ByteBuffer numbers = ByteBuffer.wrap(whole.body());
        for (int i = 0; i < Counting.NUMBERS; i++) {
            assertThat(numbers.getInt()).isEqualTo(i);
        }
        assertThat(numbers.hasRemaining()).isFalse();
    }

    @Test
    void thisContainersSocketBufferCanBeWidened() throws Exception {
        assertThat(get("/widened").body()).isEqualTo("true");
    }

    @Test
    void aSweepEndsWhatHasWaitedForTooLong() throws Exception {
        var answer = client.sendAsync(request("/silent"), HttpResponse.BodyHandlers.ofString());
        await().until(() -> streams.count() == 1);

        clock.advance(Duration.ofSeconds(29));
        streams.sweep();
        assertThat(closed).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        streams.sweep();

        assertThat(answer.get().body()).isEqualTo("first-byte-timeout: waited for 30000 ms");
        awaitClosed(EndReason.FIRST_BYTE_TIMEOUT);
    }

    @Test
    void aClientThatStopsReadingIsStalledAndHoldsNoThread() throws Exception {
        HttpResponse<InputStream> answer = client.send(request("/endless"), HttpResponse.BodyHandlers.ofInputStream());
        await().until(() -> workersAreIdle());

        clock.advance(Duration.ofSeconds(60));
        streams.sweep();

        awaitClosed(EndReason.STALLED);
        assertThatThrownBy(() -> answer.body().transferTo(OutputStream.nullOutputStream()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aClientThatGoesAwayEndsItsStream() throws Exception {
        HttpResponse<InputStream> answer = client.send(request("/endless"), HttpResponse.BodyHandlers.ofInputStream());
        await().until(() -> workersAreIdle());

        answer.body().close();

        awaitClosed(EndReason.CLIENT_GONE);
    }

    @Test
    void aDrainCutsWhatDoesNotEndByItself() throws Exception {
        HttpResponse<InputStream> answer = client.send(request("/waiting"), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.body().read()).isEqualTo('a');

        assertThat(real.drain(Duration.ofMillis(100))).isFalse();

        awaitClosed(EndReason.CANCELLED);
        assertThat(real.count()).isZero();
        assertThatThrownBy(() -> answer.body().read()).isInstanceOf(IOException.class);
    }

    @Test
    void aDrainOfNothingIsOverAtOnce() throws Exception {
        assertThat(real.drain(Duration.ofMinutes(1))).isTrue();
    }

    @Test
    void anOperatorCanEndAStream() throws Exception {
        HttpResponse<InputStream> answer = client.send(request("/waiting"), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.body().read()).isEqualTo('a');

        budget.live().forEach(live -> live.kill().run());

        awaitClosed(EndReason.CANCELLED);
        await().until(() -> budget.live().isEmpty());
    }

    private void awaitClosed(EndReason reason) {
        await().untilAsserted(() -> assertThat(closed).containsExactly(reason));
        await().until(() -> streams.count() + real.count() == 0);
    }

    private boolean workersAreIdle() {
        return ((ThreadPoolExecutor) workers).getActiveCount() == 0 && streams.count() == 1;
    }

    private static ScriptedSource says(String text) {
        return new ScriptedSource().says(text, Source.Step.MORE);
    }

    private static Source.Step fail(Buffer buffer) throws IOException {
        throw new IOException("failed");
    }

    private void stream(Context context, String path, Supplier<Source> source) {
        add(context, path, new Streaming(streams, source));
    }

    private static void add(Context context, String path, HttpServlet servlet) {
        Wrapper wrapper = Tomcat.addServlet(context, path, servlet);
        wrapper.setAsyncSupported(true);
        wrapper.addMapping(path);
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + path))
                .build();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path), HttpResponse.BodyHandlers.ofString());
    }

    private static final class Widening extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print(SocketBuffer.widen(request, 100_000));
        }
    }

    /** Pieces of odd sizes, as rows make them. */
    private static final class Counting implements Source {
        static final int NUMBERS = 2_000_000;

        private int next;

        @Override
        public Step fill(Buffer buffer, Runnable wakeUp) {
            int size = Math.min(NUMBERS - next, 100 + next % 40_000);
            int at = buffer.reserve(4 * size);
            ByteBuffer.wrap(buffer.array(), at, 4 * size).asIntBuffer().put(numbers(size));
            buffer.setLength(at + 4 * size);
            return next < NUMBERS ? Step.MORE : Step.END;
        }

        private int[] numbers(int size) {
            int[] numbers = IntStream.range(next, next + size).toArray();
            next += size;
            return numbers;
        }

        @Override
        public void close(EndReason reason, @Nullable Throwable error) {}
    }

    /** More than any socket takes. */
    private static final class Endless implements Source {
        @Override
        public Step fill(Buffer buffer, Runnable wakeUp) {
            buffer.put(CHUNK);
            return Step.MORE;
        }

        @Override
        public void close(EndReason reason, @Nullable Throwable error) {}
    }

    /** Starts a stream for each request. */
    private final class Streaming extends HttpServlet {
        private static final long serialVersionUID = 1L;

        private final transient Streams with;
        private final transient Supplier<Source> source;

        Streaming(Streams with, Supplier<Source> source) {
            this.with = with;
            this.source = source;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            AsyncContext async = request.startAsync();
            with.start(async, noting(source.get()), workers, LIMITS, new Answer(), "test", request.getRequestURI());
        }
    }

    private static final class Answer implements Reply {
        @Override
        public void begin(HttpServletRequest request, HttpServletResponse response) {
            response.setHeader("Begun", request.getRequestURI());
        }

        @Override
        public void fail(
                HttpServletRequest request, HttpServletResponse response, EndReason reason, @Nullable Throwable error)
                throws IOException {
            response.reset();
            response.setStatus(500);
            String text = reason.label() + ": " + (error == null ? null : error.getMessage());
            response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private Source noting(Source source) {
        return new Source() {
            @Override
            public Step fill(Buffer buffer, Runnable wakeUp) throws Exception {
                return source.fill(buffer, wakeUp);
            }

            @Override
            public void close(EndReason reason, @Nullable Throwable error) {
                source.close(reason, error);
                closed.add(reason);
            }
        };
    }
}
