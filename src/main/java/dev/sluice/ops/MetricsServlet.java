package dev.sluice.ops;

import dev.sluice.auth.Caller;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Prometheus's door. Thread-safe. */
final class MetricsServlet extends GetServlet {
    private static final long serialVersionUID = 1L;
    private static final List<String> FORWARDED = List.of("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via");

    private final transient Meters meters;
    private final transient ClientAddress addresses;
    private final boolean isPublic;

    MetricsServlet(Meters meters, ClientAddress addresses, boolean isPublic) {
        this.meters = meters;
        this.addresses = addresses;
        this.isPublic = isPublic;
    }

    @Override
    void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        if (!isPublic && !caller.hasRole(Caller.ADMIN) && !isFromThisMachine(request)) {
            throw new ProblemException(
                    caller.signedIn() ? ErrorCode.FORBIDDEN : ErrorCode.UNAUTHORIZED,
                    "Metrics are for admins and for this machine; metrics.public=true opens them.");
        }
        byte[] body = meters.text().getBytes(StandardCharsets.UTF_8);
        response.setContentType("text/plain; version=0.0.4; charset=utf-8");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /** A proxy on this machine calls for others: unless it is trusted to say for whom, its word is not enough. */
    private boolean isFromThisMachine(HttpServletRequest request) {
        String address = addresses.of(request);
        boolean isForwarded = FORWARDED.stream().anyMatch(header -> request.getHeader(header) != null);
        return Loopback.is(address) && !(isForwarded && address.equals(request.getRemoteAddr()));
    }
}
