package dev.sluice.realtime.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.auth.Caller;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.PageRequest;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RequestBodies;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What admins do in rooms, below {@code /api/rooms/}: {@code DELETE {room}/messages/{offset}}, and {@code GET}, {@code
 * POST} and {@code DELETE {room}/mutes}. Who may is decided in front. Thread-safe.
 */
final class RoomsServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final int USER_MOST = 255;
    private static final Duration MUTE_DEFAULT = Duration.ofHours(1);
    private static final Duration MUTE_MOST = Duration.ofDays(365);

    private final transient Moderation moderation;
    private final transient Mutes mutes;
    private final transient RequestBodies bodies;

    RoomsServlet(Moderation moderation, Mutes mutes, RequestBodies bodies) {
        this.moderation = moderation;
        this.mutes = mutes;
        this.bodies = bodies;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Cache-Control", "no-store");
        String[] path = Optional.ofNullable(request.getPathInfo()).orElse("").split("/", -1);
        // The path begins with a slash, and so the parts with an empty one.
        try {
            if (path.length == 4 && path[2].equals("messages")) {
                message(request, response, Moderation.room(path[1]), offset(path[3]));
            } else if (path.length == 3 && path[2].equals("mutes")) {
                mutes(request, response, Moderation.room(path[1]));
            } else {
                throw notFound();
            }
        } catch (SQLException e) {
            throw new ProblemException(ErrorCode.DATABASE_UNAVAILABLE, "Try again.", e);
        }
    }

    private void message(HttpServletRequest request, HttpServletResponse response, String room, long offset) {
        requireMethod(request, "DELETE");
        if (!moderation.delete(room, offset)) {
            throw notFound();
        }
        response.setStatus(204);
    }

    private static long offset(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "There is nothing here.", e);
        }
    }

    private void mutes(HttpServletRequest request, HttpServletResponse response, String room)
            throws IOException, SQLException {
        switch (request.getMethod()) {
            case "GET", "HEAD" -> list(request, response, room);
            case "POST" -> mute(request, response, room);
            case "DELETE" -> unmute(request, response, room);
            default -> requireMethod(request, "GET, HEAD, POST, DELETE");
        }
    }

    private void list(HttpServletRequest request, HttpServletResponse response, String room)
            throws IOException, SQLException {
        PageRequest page = PageRequest.of(
                Optional.ofNullable(request.getParameter("limit")), Optional.ofNullable(request.getParameter("after")));
        List<Mutes.Mute> found = mutes.of(room, page.after().orElse(""), page.lookFor());
        List<Map<String, Object>> shown =
                page.cut(found).stream().map(RoomsServlet::json).toList();
        Json.send(response, 200, page.toJson("mutes", shown, found, Mutes.Mute::userId));
    }

    private void mute(HttpServletRequest request, HttpServletResponse response, String room)
            throws IOException, SQLException {
        ObjectNode body = Json.readObject(request, bodies);
        String userId = Json.requireText(body, "userId", USER_MOST);
        if (userId.isEmpty() || userId.indexOf('\0') >= 0) {
            throw new ProblemException(ErrorCode.INVALID_VALUE, "\"userId\" is needed, as text.");
        }
        Mutes.Mute mute = mutes.mute(
                room, userId, time(body.path("seconds")), Caller.of(request).subject());
        Json.send(response, 200, json(mute));
    }

    private static Duration time(JsonNode seconds) {
        if (seconds.isMissingNode()) {
            return MUTE_DEFAULT;
        }
        boolean fits = seconds.isIntegralNumber()
                && seconds.canConvertToLong()
                && seconds.longValue() >= 1
                && seconds.longValue() <= MUTE_MOST.toSeconds();
        if (!fits) {
            throw new ProblemException(
                    ErrorCode.INVALID_VALUE,
                    "\"seconds\" takes a whole number from 1 to " + MUTE_MOST.toSeconds() + ".");
        }
        return Duration.ofSeconds(seconds.longValue());
    }

    /** The user stands in the query: subjects of outside issuers hold slashes. */
    private void unmute(HttpServletRequest request, HttpServletResponse response, String room) throws SQLException {
        String userId = request.getParameter("userId");
        if (userId == null || userId.isEmpty()) {
            throw new ProblemException(ErrorCode.BAD_REQUEST, "Which user? Add ?userId=….");
        }
        if (userId.indexOf('\0') >= 0 || !mutes.unmute(room, userId)) {
            throw notFound();
        }
        response.setStatus(204);
    }

    private static Map<String, Object> json(Mutes.Mute mute) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("room", mute.room());
        json.put("userId", mute.userId());
        json.put("until", mute.until().toString());
        json.put("by", mute.by());
        return json;
    }

    private static void requireMethod(HttpServletRequest request, String allowed) {
        if (!List.of(allowed.split(", ")).contains(request.getMethod())) {
            throw new ProblemException(ErrorCode.METHOD_NOT_ALLOWED, "Use " + allowed + ".").header("Allow", allowed);
        }
    }

    private static ProblemException notFound() {
        return new ProblemException(ErrorCode.NOT_FOUND, "There is nothing here.");
    }
}
