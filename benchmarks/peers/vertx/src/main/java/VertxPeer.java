import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowStream;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.util.function.BiConsumer;

/**
 * Exports as a Vert.x program does them: a RowStream over a cursor, written in chunks of 64 KiB with backpressure.
 * {@code ?sql=} is the query. For benchmarks alone.
 */
final class VertxPeer {
    private static final int CHUNK = 64 * 1024;
    private static final int BATCH = 1000;

    private VertxPeer() {}

    public static void main(String[] arguments) {
        Vertx vertx = Vertx.vertx();
        Pool pool = PgBuilder.pool()
                .connectingTo(System.getenv("DATABASE_URL"))
                .with(new PoolOptions().setMaxSize(8))
                .using(vertx)
                .build();
        vertx.createHttpServer()
                .requestHandler(request -> answer(pool, request))
                .listen(0, "127.0.0.1")
                .onSuccess(server -> System.out.println("ready at http://127.0.0.1:" + server.actualPort()))
                .onFailure(Throwable::printStackTrace);
    }

    private static void answer(Pool pool, HttpServerRequest request) {
        BiConsumer<Row, Buffer> encoder = request.path().endsWith(".csv") ? VertxPeer::csv : VertxPeer::ndjson;
        String sql = request.getParam("sql");
        pool.getConnection()
                .onFailure(error -> fail(request.response(), error))
                .onSuccess(connection -> connection
                        .begin()
                        .onSuccess(transaction -> connection
                                .prepare(sql)
                                .onFailure(error -> fail(request.response(), error))
                                .onSuccess(statement -> stream(
                                        statement.createStream(BATCH, Tuple.tuple()),
                                        encoder,
                                        request.response(),
                                        connection,
                                        transaction))));
    }

    private static void stream(
            RowStream<Row> rows,
            BiConsumer<Row, Buffer> encoder,
            HttpServerResponse response,
            SqlConnection connection,
            Transaction transaction) {
        Buffer[] chunk = {Buffer.buffer(CHUNK)};
        response.setChunked(true);
        response.drainHandler(drained -> rows.resume());
        rows.exceptionHandler(error -> response.reset());
        rows.endHandler(end -> {
            response.end(chunk[0]);
            transaction.commit().onComplete(done -> connection.close());
        });
        rows.handler(row -> {
            encoder.accept(row, chunk[0]);
            if (chunk[0].length() >= CHUNK) {
                response.write(chunk[0]);
                chunk[0] = Buffer.buffer(CHUNK);
                if (response.writeQueueFull()) {
                    rows.pause();
                }
            }
        });
    }

    private static void ndjson(Row row, Buffer out) {
        out.appendBuffer(row.toJson().toBuffer()).appendByte((byte) '\n');
    }

    private static void csv(Row row, Buffer out) {
        for (int i = 0; i < row.size(); i++) {
            Object value = row.getValue(i);
            String text = value == null ? "" : value.toString();
            boolean quoted = text.indexOf(',') >= 0 || text.indexOf('"') >= 0 || text.indexOf('\n') >= 0;
            out.appendString(i == 0 ? "" : ",").appendString(quoted ? '"' + text.replace("\"", "\"\"") + '"' : text);
        }
        out.appendByte((byte) '\n');
    }

    private static void fail(HttpServerResponse response, Throwable error) {
        response.setStatusCode(500).end(String.valueOf(error.getMessage()));
    }
}
