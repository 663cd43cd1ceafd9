package dev.sluice.auth;

import dev.sluice.http.ProblemException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who is calling, before anything of the body is read. A token that is there must be valid, also where none
 * is needed: a client whose token has expired should hear so rather than see less. Thread-safe.
 */
final class AuthFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final String SCHEME = "Bearer ";
    /** These go by what is in their body; clients send them the expired token along, out of habit. */
    private static final Set<String> WITHOUT_TOKEN =
            Set.of("/api/auth/login", "/api/auth/register", "/api/auth/refresh");

    private final transient Authenticator requests;
    private final transient Authenticator arrivals;
    private final transient Tickets tickets;
    private final transient Predicate<String> streams;
    private final transient Predicate<String> sockets;

    /** @param arrivals for those who come to listen, of whom many may come at once */
    AuthFilter(
            Authenticator requests,
            Authenticator arrivals,
            Tickets tickets,
            Predicate<String> streams,
            Predicate<String> sockets) {
        this.requests = requests;
        this.arrivals = arrivals;
        this.tickets = tickets;
        this.streams = streams;
        this.sockets = sockets;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try {
            caller(request).attachTo(request);
        } catch (ProblemException e) {
            refuseOnSocket(request, e);
        } catch (SQLException e) {
            throw new ServletException(e);
        }
        chain.doFilter(request, response);
    }

    /** A browser tells a page nothing of a refused upgrade; a socket can say what is wrong when it closes. */
    private void refuseOnSocket(HttpServletRequest request, ProblemException problem) {
        if (problem.code().status() != 401 || !sockets.test(RequestPath.of(request))) {
            throw problem;
        }
        Caller.refuse(request);
    }

    private Caller caller(HttpServletRequest request) throws SQLException {
        String path = RequestPath.of(request);
        if (WITHOUT_TOKEN.contains(path)) {
            return Caller.anonymous();
        }
        Optional<String> token = headerToken(request);
        if (token.isPresent()) {
            return (listens(request, path) ? arrivals : requests).authenticate(token.get());
        }
        return listens(request, path) ? queryCaller(request) : Caller.anonymous();
    }

    private boolean listens(HttpServletRequest request, String path) {
        return request.getMethod().equals("GET") && (streams.test(path) || sockets.test(path));
    }

    /** Browsers cannot send headers with a socket or an EventSource. */
    private Caller queryCaller(HttpServletRequest request) throws SQLException {
        String ticket = request.getParameter("ticket");
        if (ticket != null) {
            return tickets.redeem(ticket, lastEventId(request)).orElseThrow(Refusal::invalid);
        }
        String token = request.getParameter("token");
        return token == null ? Caller.anonymous() : arrivals.authenticate(token);
    }

    private static @Nullable String lastEventId(HttpServletRequest request) {
        String id = request.getHeader("Last-Event-ID");
        return id == null ? request.getParameter("lastEventId") : id;
    }

    private static Optional<String> headerToken(HttpServletRequest request) {
        String header = request.getHeader("Authorization");
        if (header != null && (header + " ").regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.of((header + " ").substring(SCHEME.length()).strip());
        }
        return Optional.ofNullable(request.getHeader("X-API-Key"));
    }
}
