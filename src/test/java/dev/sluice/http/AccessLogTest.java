package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessLogTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "token=S3CRET",
                "ticket=S3CRET",
                "TOKEN=S3CRET",
                "access_token=S3CRET",
                "refreshToken=S3CRET",
                "password=S3CRET",
                "cf_connect=S3CRET",
                "%74oken=S3CRET",
                "token=S3CRET=S3CRET",
                "a=1&token=S3CRET&b=2",
                "a=1&b=2&ticket=S3CRET",
                "token=a&token=S3CRET"
            })
    void secretsAreMasked(String query) {
        assertThat(AccessLog.target("/api/x", query)).doesNotContain("S3CRET").contains("***");
    }

    @Test
    void secretsInPathParametersAreMasked() {
        assertThat(AccessLog.target("/api/x;token=S3CRET/y", null)).isEqualTo("/api/x;***/y");
    }

    @Test
    void everythingElseIsLoggedAsItWasAsked() {
        String query = "select=id,email&order=created_at.desc&name=like.*token*&%zz=1&flag";

        assertThat(AccessLog.target("/api/export/users.csv", query)).isEqualTo("/api/export/users.csv?" + query);
    }

    @Test
    void nothingCanBreakTheLine() {
        String target = AccessLog.target("/a\nb", "c=\r\n\u001b[31m\u0085\u2028d");

        assertThat(target).isEqualTo("/a%0Ab?c=%0D%0A%1B[31m%85%2028d");
    }

    @Test
    void aLineIsNotEndless() {
        assertThat(AccessLog.target("/a", "b=" + "c".repeat(60_000))).hasSizeLessThan(2_100);
    }
}
