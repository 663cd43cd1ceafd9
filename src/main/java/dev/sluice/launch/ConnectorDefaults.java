package dev.sluice.launch;

import java.util.Map;

/**
 * How the HTTP connector is set up; {@code tomcat-conf/server.xml} says the same for a stock Tomcat. Many quiet
 * connections, few threads, no compression (streams compress themselves), nothing unbounded.
 */
final class ConnectorDefaults {
    /** The property of the JVM that says how large the container makes each of three buffers of a socket. */
    static final String SOCKET_BUFFER = "org.apache.tomcat.websocket.DEFAULT_BUFFER_SIZE";

    /** Larger ones make idle sockets heavier: 8192 would cost 35 KB more each. Writes of bursts do not need them. */
    static final String SOCKET_BUFFER_BYTES = "1024";

    static final Map<String, String> VALUES = Map.ofEntries(
            // The least; more where realtime.max-connections is higher.
            Map.entry("maxConnections", "12000"),
            // Two buffers of each connection, in use or not, and none kept for later ones.
            Map.entry("socket.appReadBufSize", "1024"),
            Map.entry("socket.appWriteBufSize", "1024"),
            Map.entry("socket.bufferPool", "0"),
            Map.entry("acceptCount", "1000"),
            Map.entry("maxThreads", "200"),
            Map.entry("minSpareThreads", "4"),
            Map.entry("keepAliveTimeout", "60000"),
            // connectionUploadTimeout then is what bounds the wait for the next piece of a body.
            Map.entry("disableUploadTimeout", "false"),
            // The application reads what is left of a body, and knows when it has been long enough.
            Map.entry("maxSwallowSize", "0"),
            // Long filters in a query and long tokens; a request with more is answered with 400.
            Map.entry("maxHttpRequestHeaderSize", "32768"),
            Map.entry("maxHttpResponseHeaderSize", "16384"),
            Map.entry("maxTrailerSize", "8192"),
            Map.entry("maxExtensionSize", "8192"),
            // Filters as people write them: "limit"=eq.1, tags=eq.{a,b}. The application decodes and checks them.
            Map.entry("relaxedQueryChars", "\"[]{}|^<>`\\"),
            Map.entry("compression", "off"),
            Map.entry("xpoweredBy", "false"),
            Map.entry("URIEncoding", "UTF-8"));

    private ConnectorDefaults() {}
}
