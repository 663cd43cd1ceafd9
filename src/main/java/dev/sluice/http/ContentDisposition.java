package dev.sluice.http;

import java.nio.charset.StandardCharsets;

/** File names in {@code Content-Disposition} (RFC 6266, RFC 8187). Stateless. */
public final class ContentDisposition {
    private static final String UNRESERVED = "!#$&+-.^_`|~";

    private ContentDisposition() {}

    /** Tells the browser to save the body under a name; a name beyond ASCII is sent in both forms. */
    public static String attachment(String fileName) {
        String ascii = fileName.replaceAll("[^\\x20-\\x7e]", "_").replaceAll("[\"\\\\/%]", "_");
        String plain = "attachment; filename=\"" + ascii + "\"";
        return ascii.equals(fileName) ? plain : plain + "; filename*=UTF-8''" + encoded(fileName);
    }

    private static String encoded(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean isPlain = c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0);
            out.append(isPlain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return out.toString();
    }
}
