package dev.sluice.auth;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers through by a table of paths; what is not in it does not exist. A pattern is a whole path, or a folder
 * that ends in {@code /*}; the whole path wins, then the longest folder; before each of them the same pattern behind a
 * method and a space, {@code POST /api/x}. Immutable.
 */
final class AccessFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private final transient Map<String, Access> table;
    /** Those that rules name. */
    private final transient Set<String> methods;

    AccessFilter(Map<String, Access> table) {
        this.table = Map.copyOf(table);
        this.methods = table.keySet().stream()
                .filter(pattern -> pattern.contains(" "))
                .map(pattern -> pattern.substring(0, pattern.indexOf(' ')))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String path = RequestPath.of(request);
        Access access = find(request.getMethod(), path).orElseThrow(() -> refusal(path));
        check(access, Caller.of(request), request.getMethod());
        chain.doFilter(request, response);
    }

    Optional<Access> find(String method, String path) {
        String asked = method.equals("HEAD") ? "GET" : method;
        Access found = lookUp(asked, path);
        for (String folder = path; found == null && !folder.isEmpty(); folder = parent(folder)) {
            found = lookUp(asked, folder + "/*");
        }
        return Optional.ofNullable(found);
    }

    /** Where other methods are known, it is the method that is wrong (RFC 9110, section 15.5.6). */
    private ProblemException refusal(String path) {
        String allowed = methods.stream()
                .filter(method -> find(method, path).isPresent())
                .map(method -> method.equals("GET") ? "GET, HEAD" : method)
                .collect(Collectors.joining(", "));
        return allowed.isEmpty()
                ? new ProblemException(ErrorCode.NOT_FOUND, "There is nothing at this path.")
                : new ProblemException(ErrorCode.METHOD_NOT_ALLOWED, "Use " + allowed + ".").header("Allow", allowed);
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private @Nullable Access lookUp(String method, String pattern) {
        Access access = table.get(method + " " + pattern);
        return access == null ? table.get(pattern) : access;
    }

    private static void check(Access access, Caller caller, String method) {
        switch (access.rule()) {
            case PUBLIC, FEATURE -> {}
            case SIGNED_IN -> requireSignedIn(caller, method);
            case ROLE -> requireRole(access.role(), caller, method);
        }
    }

    private static void requireSignedIn(Caller caller, String method) {
        if (!caller.signedIn()) {
            throw Refusal.missing();
        }
        if (!caller.mayWrite() && !SAFE.contains(method)) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "This token is for reading.");
        }
    }

    private static void requireRole(String role, Caller caller, String method) {
        requireSignedIn(caller, method);
        if (!caller.hasRole(role) && !caller.hasRole(Caller.ADMIN)) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "This needs the role " + role + ".");
        }
    }
}
