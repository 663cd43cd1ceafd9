package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessFilterTest {
    private final AccessFilter filter = new AccessFilter(Map.of(
            "/", Access.PUBLIC,
            "/pages/*", Access.PUBLIC,
            "/api/*", Access.SIGNED_IN,
            "/api/export/*", Access.FEATURE,
            "/api/export/secret", Access.role("auditor"),
            "POST /api/export/*", Access.role("editor"),
            "GET /api/news", Access.PUBLIC,
            "/api/news", Access.role("editor")));

    @ParameterizedTest
    @CsvSource({
        "GET,/,PUBLIC,''",
        "GET,/pages/deep/page.html,PUBLIC,''",
        "GET,/api,SIGNED_IN,''",
        "GET,/api/other,SIGNED_IN,''",
        "GET,/api/export,FEATURE,''",
        "GET,/api/export/,FEATURE,''",
        "GET,/api/export/users.csv,FEATURE,''",
        "GET,/api/export/secret,ROLE,auditor",
        "GET,/api/export/secret/deeper,FEATURE,''",
        "POST,/api/export/users,ROLE,editor",
        "GET,/api/news,PUBLIC,''",
        "HEAD,/api/news,PUBLIC,''",
        "POST,/api/news,ROLE,editor"
    })
    void the_most_exact_rule_decides(String method, String path, Access.Rule rule, String role) {
        assertThat(filter.find(method, path)).contains(new Access(rule, role));
    }

    @ParameterizedTest
    @CsvSource({"/elsewhere", "/apis", "/page", "/index.html", "''"})
    void what_is_in_no_rule_does_not_exist(String path) {
        assertThat(filter.find("GET", path)).isEmpty();
    }
}
