package dev.sluice.export;

import dev.sluice.auth.Caller;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What a request asks for, as far as it can be told without the database. Immutable.
 *
 * @param caller who asks
 * @param candidates what the path may mean, the likelier first; the first that exists is meant
 * @param parameters all parameters of the query string
 * @param gzip whether the client takes gzip
 * @param head whether only the headers are wanted
 * @param cutIsVisible whether the protocol tells a cut body from a complete one; HTTP/1.0 does not
 */
record ExportRequest(
        Caller caller,
        List<Candidate> candidates,
        RequestParameters parameters,
        boolean gzip,
        boolean head,
        boolean cutIsVisible) {
    /** A dataset and a format that a path may mean. */
    record Candidate(Dataset dataset, Format format) {}

    /** What was asked for, for operators. */
    String name() {
        return candidates.get(0).dataset().name();
    }

    /**
     * @param name the last part of the path, or the parameter {@code dataset}
     * @param fixed the format where the path has only one
     */
    static ExportRequest of(HttpServletRequest request, String name, Optional<Format> fixed, Catalogue catalogue) {
        Caller caller = Caller.of(request);
        RequestParameters parameters = RequestParameters.parse(request.getQueryString());
        Optional<Format> asked = fixed.or(() -> parameters.single("format").map(ExportRequest::format));
        return new ExportRequest(
                caller,
                candidates(name, asked, header(request, "Accept"), caller, catalogue),
                parameters,
                Accept.gzip(header(request, "Accept-Encoding")),
                request.getMethod().equals("HEAD"),
                !request.getProtocol().equals("HTTP/1.0"));
    }

    /** All lines of a header as one list (RFC 9110, section 5.3). */
    private static String header(HttpServletRequest request, String name) {
        return String.join(",", Collections.list(request.getHeaders(name)));
    }

    /** The catalogue's name first, so that a dataset may be called {@code x.csv}; then a suffix. */
    private static List<Candidate> candidates(
            String name, Optional<Format> asked, String accept, Caller caller, Catalogue catalogue) {
        List<Candidate> candidates = new ArrayList<>();
        catalogue
                .find(name, caller)
                .ifPresent(
                        dataset -> candidates.add(new Candidate(dataset, asked.orElseGet(() -> Accept.best(accept)))));
        if (!catalogue.isDeclared(name)) {
            for (Format format : Format.values()) {
                String suffix = "." + format.suffix();
                if (name.endsWith(suffix)) {
                    catalogue
                            .find(name.substring(0, name.length() - suffix.length()), caller)
                            .ifPresent(dataset -> candidates.add(new Candidate(dataset, format)));
                }
            }
        }
        if (candidates.isEmpty()) {
            throw unknown(name);
        }
        return List.copyOf(candidates);
    }

    static ProblemException unknown(String name) {
        return new ProblemException(
                ErrorCode.NOT_FOUND,
                "There is no dataset \"" + Scanner.shortened(name) + "\"; GET /api/export lists them.");
    }

    private static Format format(String text) {
        return Arrays.stream(Format.values())
                .filter(format -> format.suffix().equals(text))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        ErrorCode.INVALID_VALUE,
                        "\"format\" takes ndjson, csv or json, not \"" + Scanner.shortened(text) + "\"."));
    }
}
