package dev.sluice.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each request, its secrets masked. Thread-safe. */
final class AccessLog {
    private static final Set<String> SECRETS = Set.of(
            "token",
            "ticket",
            "access_token",
            "accesstoken",
            "refresh_token",
            "refreshtoken",
            "password",
            "secret",
            "client_secret",
            "api_key",
            "apikey",
            "signature",
            "sig",
            "cf_connect");
    /** A JSON web token, wherever somebody put it. */
    private static final Pattern JWT = Pattern.compile("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]*");

    private static final Pattern PATH_PARAMETER = Pattern.compile(";[^/]*");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\x80-\\x9F\\u2028\\u2029]");
    private static final int LONGEST = 2_000;

    private final Logger log = LoggerFactory.getLogger("access");
    private final ClientAddress addresses;

    AccessLog(ClientAddress addresses) {
        this.addresses = addresses;
    }

    void write(HttpServletRequest request, HttpServletResponse response, String outcome, Duration time) {
        if (log.isInfoEnabled()) {
            log.info(
                    "{} {} {} {} {} {}ms {}",
                    addresses.of(request),
                    request.getMethod(),
                    target(request.getRequestURI(), request.getQueryString()),
                    response.getStatus(),
                    outcome,
                    time.toMillis(),
                    RequestId.of(request));
        }
    }

    /** The request's target with secrets masked, control characters escaped, and not endless. */
    static String target(String path, @Nullable String query) {
        String masked = PATH_PARAMETER.matcher(path).replaceAll(";***") + (query == null ? "" : "?" + masked(query));
        String clean = CONTROL.matcher(JWT.matcher(masked).replaceAll("***")).replaceAll(AccessLog::escaped);
        return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST) + "...";
    }

    private static String masked(String query) {
        return Arrays.stream(query.split("&", -1)).map(AccessLog::maskedPair).collect(Collectors.joining("&"));
    }

    private static String maskedPair(String pair) {
        int equals = pair.indexOf('=');
        boolean isSecret = equals >= 0 && SECRETS.contains(decoded(pair.substring(0, equals)));
        return isSecret ? pair.substring(0, equals) + "=***" : pair;
    }

    /** The name as the application will see it. */
    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return name; // the container drops such a parameter
        }
    }

    private static String escaped(MatchResult control) {
        return String.format("%%%02X", (int) control.group().charAt(0));
    }
}
