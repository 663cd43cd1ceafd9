package dev.sluice.export;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a client accepts (RFC 9110, section 12.5). Stateless. */
final class Accept {
    private Accept() {}

    /**
     * The format the client likes best; NDJSON where it does not care.
     *
     * @throws ProblemException 406 when it takes none
     */
    static Format best(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return Format.NDJSON;
        }
        Format best = null;
        double bestQuality = 0;
        for (Format format : Format.values()) {
            double quality = quality(header, format.mediaType());
            if (quality > bestQuality) {
                best = format;
                bestQuality = quality;
            }
        }
        return Optional.ofNullable(best)
                .orElseThrow(() -> new ProblemException(
                        ErrorCode.NOT_ACCEPTABLE,
                        "An export comes as application/x-ndjson, text/csv or application/json."));
    }

    /** Whether a compressed body is welcome. */
    static boolean gzip(@Nullable String header) {
        return header != null && quality(header, "gzip") > 0;
    }

    /** The quality of the most specific range that matches. */
    private static double quality(String header, String wanted) {
        double quality = 0;
        int specificity = -1;
        for (String part : header.split(",")) {
            String[] pieces = part.split(";", -1);
            int found = specificity(pieces[0].strip().toLowerCase(Locale.ROOT), wanted);
            if (found > specificity) {
                specificity = found;
                quality = weight(pieces);
            }
        }
        return quality;
    }

    private static int specificity(String range, String wanted) {
        if (range.equals(wanted)) {
            return 2;
        }
        if (range.endsWith("/*") && wanted.startsWith(range.substring(0, range.length() - 1))) {
            return 1;
        }
        return range.equals("*/*") || range.equals("*") ? 0 : -1;
    }

    private static double weight(String[] pieces) {
        for (int i = 1; i < pieces.length; i++) {
            String parameter = pieces[i].strip().toLowerCase(Locale.ROOT);
            if (parameter.startsWith("q=")) {
                try {
                    return Math.min(1, Double.parseDouble(parameter.substring(2)));
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }
}
