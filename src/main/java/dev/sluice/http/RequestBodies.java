package dev.sluice.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Reads the bodies of requests within a number of bytes and a time for the whole, so that nobody holds a thread by
 * sending little by little. The wait for one piece is the container's to bound. Thread-safe.
 */
public final class RequestBodies {
    /** What is read of a body that nobody wanted, for the client's sake: many look at the answer only after they sent. */
    private static final long LEFT_OVER_MOST = 2 * 1024 * 1024;

    private static final int PIECE = 8 * 1024;
    private static final String DEADLINE = RequestBodies.class.getName();

    private final long limit;
    private final Duration time;
    private final InstantSource clock;

    /**
     * @param limit bytes of a body at most
     * @param time from the first byte that is asked for to the last one
     */
    public RequestBodies(long limit, Duration time, InstantSource clock) {
        this.limit = limit;
        this.time = time;
        this.clock = clock;
    }

    /**
     * The whole body.
     *
     * @throws ProblemException 413 when it is too large, 408 when it takes too long, 400 when it breaks off
     */
    byte[] read(HttpServletRequest request) {
        if (request.getContentLengthLong() > limit) {
            throw tooLarge();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            if (!copy(request, body, limit)) {
                throw new ProblemException(
                        ErrorCode.REQUEST_TIMEOUT, "The body did not come within " + time.toSeconds() + " s.");
            }
        } catch (IOException e) {
            request.setAttribute(DEADLINE, Instant.MIN);
            // Of the exception that the container noted it would make a 500.
            request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
            throw new ProblemException(ErrorCode.BAD_REQUEST, "The body broke off.", e);
        }
        if (body.size() > limit) {
            throw tooLarge();
        }
        return body.toByteArray();
    }

    /** Whether the container could not read on: it has set the status then, and lets nobody else answer. */
    boolean isBroken(HttpServletRequest request) {
        return Instant.MIN.equals(request.getAttribute(DEADLINE));
    }

    /** Whether the client has more to send. */
    boolean isLeftOver(HttpServletRequest request) throws IOException {
        return !isBroken(request) && !request.getInputStream().isFinished();
    }

    /** Reads what nobody wanted, in the time that is left; the container breaks the connection when there is more. */
    void discard(HttpServletRequest request) {
        try {
            copy(request, OutputStream.nullOutputStream(), LEFT_OVER_MOST);
        } catch (IOException e) {
            // The client has had its answer.
        }
    }

    /** Answers whether it came to the end of the body, or to its limit, in time. */
    private boolean copy(HttpServletRequest request, OutputStream target, long most) throws IOException {
        Instant deadline = deadline(request);
        ServletInputStream in = request.getInputStream();
        byte[] piece = new byte[PIECE];
        long copied = 0;
        for (int length = 0; length >= 0 && copied <= most; copied += Math.max(0, length)) {
            if (!clock.instant().isBefore(deadline)) {
                return false;
            }
            length = in.read(piece);
            target.write(piece, 0, Math.max(0, length));
        }
        return true;
    }

    /** The same for all who read of it. */
    private Instant deadline(HttpServletRequest request) {
        if (request.getAttribute(DEADLINE) instanceof Instant known) {
            return known;
        }
        Instant deadline = clock.instant().plus(time);
        request.setAttribute(DEADLINE, deadline);
        return deadline;
    }

    private ProblemException tooLarge() {
        return new ProblemException(ErrorCode.TOO_LARGE, "The body may have " + limit + " bytes at most.");
    }
}
