package dev.sluice.export;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;

/**
 * How an export is written down, as the request's parameters say. Immutable.
 *
 * @param format the format
 * @param endRecord whether a last line of NDJSON confirms the count
 * @param csv options of CSV
 */
record OutputOptions(Format format, boolean endRecord, CsvOptions csv) {
    private static final String[] CSV_ONLY = {"header", "delimiter", "null", "excel"};

    /**
     * @throws ProblemException when an option is wrong, or not one of this format
     */
    static OutputOptions of(RequestParameters parameters, Format format) {
        requireSame(parameters, format);
        boolean endRecord = parameters.flag("end");
        if (endRecord && format != Format.NDJSON) {
            throw new ProblemException(ErrorCode.INVALID_VALUE, "\"end\" is for NDJSON.");
        }
        for (String option : CSV_ONLY) {
            if (parameters.has(option) && format != Format.CSV) {
                throw new ProblemException(ErrorCode.INVALID_VALUE, "\"" + option + "\" is for CSV.");
            }
        }
        return new OutputOptions(format, endRecord, csv(parameters));
    }

    /** The path decides; what else is asked for must not be given in silence. */
    private static void requireSame(RequestParameters parameters, Format format) {
        if (!parameters.single("format").orElse(format.suffix()).equals(format.suffix())) {
            throw new ProblemException(
                    ErrorCode.INVALID_VALUE,
                    "This path gives " + format.suffix() + ", and \"format\" says otherwise; leave one of them out.");
        }
    }

    private static CsvOptions csv(RequestParameters parameters) {
        boolean header = !parameters.has("header") || parameters.flag("header");
        String nullText = parameters.single("null").orElse("");
        try {
            boolean continued = !header && parameters.has("after");
            return new CsvOptions(header, delimiter(parameters), nullText, parameters.flag("excel"), continued);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ErrorCode.INVALID_VALUE, e.getMessage() + ".", e);
        }
    }

    private static char delimiter(RequestParameters parameters) {
        String text = parameters.single("delimiter").orElse(",");
        if (text.length() != 1) {
            throw new ProblemException(ErrorCode.INVALID_VALUE, "The delimiter must be one ASCII character.");
        }
        return text.charAt(0);
    }
}
