package dev.sluice.realtime;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RequestBodies;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/** Tells everybody something: the body, a JSON object, as it is. Thread-safe. */
final class AnnouncementServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Realtime realtime;
    private final transient RequestBodies bodies;

    AnnouncementServlet(Realtime realtime, RequestBodies bodies) {
        this.realtime = realtime;
        this.bodies = bodies;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getMethod().equals("POST")) {
            throw new ProblemException(ErrorCode.METHOD_NOT_ALLOWED, "Use POST.").header("Allow", "POST");
        }
        String announcement = Json.readObject(request, bodies).toString();
        Json.send(response, 200, Map.of("told", realtime.announce(announcement)));
    }
}
