package dev.sluice.export;

import dev.sluice.settings.DatasetSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An operator's query whose parameters stand as {@code :name}. Quoted text, identifiers, comments, casts and array
 * slices are left alone. Immutable.
 *
 * @param sql the query as a {@link Statement} takes it: {@code CAST(value AS type)} for a parameter
 * @param parameters the parameter at each place, in order
 */
record SqlTemplate(String sql, List<String> parameters) {
    /** Possessive throughout: a text of any length is matched without recursion. */
    private static final Pattern TOKEN = Pattern.compile(
            // E'…' with backslashes; '…'; "…"; $tag$…$tag$; -- and block comments; ::; :name; ?
            "(?<skip>(?<![\\w$])[eE]'[^'\\\\]*+(?:(?:\\\\.|'')[^'\\\\]*+)*+'|'[^']*+'|\"[^\"]*+\""
                    + "|(?<![\\w$])\\$(?<tag>(?:[A-Za-z_]\\w*)?)\\$.*?\\$\\k<tag>\\$|--[^\\r\\n]*+|::)"
                    + "|(?<comment>/\\*)|(?<![\\w\\]]):(?<name>[A-Za-z_]\\w*+)|(?<mark>\\?)",
            Pattern.DOTALL);

    /**
     * @param declared the parameters; any other {@code :name} stays as it is
     */
    static SqlTemplate parse(String sql, List<DatasetSettings.Parameter> declared) {
        String text = sql.strip().replaceAll("[;\\s]*+$", "");
        StringBuilder out = new StringBuilder();
        List<String> parameters = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(text);
        int at = 0;
        while (matcher.find(at)) {
            int end = matcher.group("comment") == null ? matcher.end() : endOfComment(text, matcher.start());
            out.append(text, at, matcher.start());
            Optional<DatasetSettings.Parameter> parameter = declared.stream()
                    .filter(p -> p.name().equals(matcher.group("name")))
                    .findFirst();
            parameter.ifPresent(p -> parameters.add(p.name()));
            out.append(parameter
                    .map(p -> "CAST(" + Statement.VALUE + " AS " + p.type() + ")")
                    .orElse(
                            matcher.group("mark") == null
                                    ? text.substring(matcher.start(), end)
                                    : Statement.QUESTION_MARK));
            at = end;
        }
        return new SqlTemplate(out.append(text, at, text.length()).toString(), List.copyOf(parameters));
    }

    /** Block comments nest (PostgreSQL manual, 4.1.5). */
    private static int endOfComment(String text, int start) {
        int depth = 0;
        for (int at = start; at < text.length() - 1; at++) {
            if (text.startsWith("/*", at)) {
                depth++;
                at++;
            } else if (text.startsWith("*/", at)) {
                depth--;
                at++;
                if (depth == 0) {
                    return at + 1;
                }
            }
        }
        return text.length();
    }
}
