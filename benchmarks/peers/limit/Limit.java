import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The limit of what Java can take out of PostgreSQL: binary COPY, read and thrown away. It waits for calls, so that its
 * JVM is as warm as the others'. Run with the driver on the class path: {@code java -cp postgresql.jar Limit.java}.
 */
class Limit {
    /** As a pool would have it: nobody signs in while the time is taken. */
    private static Connection connection;

    public static void main(String[] arguments) throws IOException, SQLException {
        connection = DriverManager.getConnection(System.getenv("JDBC_URL"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.createContext("/", Limit::answer);
        server.start();
        System.out.println("ready at http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String sql = URLDecoder.decode(exchange.getRequestURI().getRawQuery().substring("sql=".length()), StandardCharsets.UTF_8);
        byte[] text;
        int status = 200;
        try {
            text = (readAll(sql) + " bytes\n").getBytes(StandardCharsets.UTF_8);
        } catch (SQLException e) {
            status = 500;
            text = String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8);
        }
        exchange.sendResponseHeaders(status, text.length);
        exchange.getResponseBody().write(text);
        exchange.close();
    }

    private static long readAll(String sql) throws SQLException {
        CopyOut copy =
                connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY (" + sql + ") TO STDOUT (FORMAT binary)");
        long bytes = 0;
        for (byte[] tuple = copy.readFromCopy(); tuple != null; tuple = copy.readFromCopy()) {
            bytes += tuple.length;
        }
        return bytes;
    }
}
