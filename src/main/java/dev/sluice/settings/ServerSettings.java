package dev.sluice.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Where the server listens and what it trusts.
 *
 * @param port TCP port; 0 = any free one
 * @param host address to listen on
 * @param data folder of the embedded database and of everything Sluice keeps on disk
 * @param drainTimeout how long SIGTERM waits for running streams
 * @param trustedProxies addresses whose {@code X-Forwarded-For} and {@code -Proto} are believed
 * @param corsOrigins browser origins that may call from other sites
 * @param bodyLimit largest JSON request body in bytes
 * @param bodyTimeout how long a JSON request body may take to come
 * @param metricsPublic whether anybody may read {@code /metrics}
 */
public record ServerSettings(
        int port,
        String host,
        Path data,
        Duration drainTimeout,
        List<String> trustedProxies,
        List<String> corsOrigins,
        long bodyLimit,
        Duration bodyTimeout,
        boolean metricsPublic) {
    static final Setting<Integer> PORT = Values.integer("port", 8080, 0, 65535, "TCP port; 0 takes any free one.");
    static final Setting<String> HOST = Values.text(
            "host", "address", "127.0.0.1", "Address to listen on. The demo listens on loopback addresses only.");
    static final Setting<Path> DATA = Values.path(
            "data", "./sluice-data", "Folder of the embedded PostgreSQL and of everything Sluice keeps on disk.");
    static final Setting<Duration> DRAIN_TIMEOUT =
            Values.duration("drain-timeout", "20s", "How long SIGTERM waits for running streams before it cuts them.");
    static final Setting<List<String>> TRUSTED_PROXIES = Values.addresses(
            "trusted-proxies",
            "Proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are believed; none by default.");
    static final Setting<List<String>> CORS_ORIGINS = Values.origins(
            "cors.origins", "https://app.example,…", "Origins that may call from other sites; none by default.");
    static final Setting<Long> BODY_LIMIT =
            Values.size("http.body-limit", "64K", "Largest JSON request body; more is answered with 413.");
    static final Setting<Duration> BODY_TIMEOUT = Values.duration(
            "http.body-timeout", "20s", "How long a JSON request body may take to come as a whole, then 408.");
    static final Setting<Boolean> METRICS_PUBLIC = Values.flag(
            "metrics.public",
            false,
            "Whether anybody may read /metrics; otherwise admins and callers from this machine. A proxy on this machine"
                    + " that sets no X-Forwarded-For looks like this machine: close /metrics there.");
    static final List<Setting<?>> ALL = List.of(
            PORT, HOST, DATA, DRAIN_TIMEOUT, TRUSTED_PROXIES, CORS_ORIGINS, BODY_LIMIT, BODY_TIMEOUT, METRICS_PUBLIC);

    static ServerSettings read(SettingsReader in) {
        ServerSettings read = new ServerSettings(
                in.get(PORT),
                in.get(HOST),
                in.get(DATA),
                in.get(DRAIN_TIMEOUT),
                in.get(TRUSTED_PROXIES),
                in.get(CORS_ORIGINS),
                in.get(BODY_LIMIT),
                in.get(BODY_TIMEOUT),
                in.get(METRICS_PUBLIC));
        if (read.bodyTimeout().isZero()) {
            in.error("http.body-timeout: expected more than 0; without a time a slow client holds a thread for ever");
        }
        return read;
    }

    /** Whether only this machine can reach the server. */
    public boolean loopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
