package dev.sluice.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.AuthClient.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefreshCookieIT extends AuthFixture {
    private int people;
    private Answer signedIn = Answer.NONE;

    @Override
    Map<String, String> settings() {
        return Map.of(
                "auth.registration", "true",
                "auth.signin-rate", "0",
                "cors.origins", "https://app.example.com",
                "trusted-proxies", "127.0.0.1");
    }

    @BeforeEach
    void signIn() {
        signedIn = client.register("cookie" + people++ + "@example.com");
    }

    @Test
    void the_cookie_is_for_the_refresh_path_alone_and_out_of_reach_of_scripts() {
        assertThat(signedIn.header("Set-Cookie"))
                .startsWith("sluice_refresh=" + signedIn.text("refreshToken") + ";")
                .contains("Path=/api/auth/refresh", "HttpOnly", "SameSite=Strict", "Max-Age=2592000")
                .doesNotContain("Secure");
    }

    @Test
    void behind_https_the_cookie_is_secure() {
        Map<String, String> body = Map.of("email", "cookie0@example.com", "password", PASSWORD);
        Answer secure = client.send("POST", "/api/auth/login", "", body, "X-Forwarded-Proto", "https");
        assertThat(secure.header("Set-Cookie")).contains("Secure");
    }

    @Test
    void our_own_pages_refresh_by_cookie() {
        Answer answer = refresh("Origin", node.url());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Set-Cookie")).contains(answer.text("refreshToken"));
    }

    @Test
    void pages_of_an_allowed_origin_refresh_by_cookie() {
        assertThat(refresh("Origin", "https://app.example.com").status()).isEqualTo(200);
    }

    @Test
    void without_an_origin_the_referer_tells() {
        assertThat(refresh("Referer", node.url() + "/chat?room=1").status()).isEqualTo(200);
        assertThat(refresh("Referer", "https://evil.example/" + node.url()).status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "null",
                "https://app.example.com.evil.example",
                "http://app.example.com",
                ""
            })
    void pages_of_other_sites_may_not(String origin) {
        Answer answer = refresh("Origin", origin);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("forbidden");
        assertThat(client.refresh(signedIn.text("refreshToken")).status())
                .as("the token was not used up")
                .isEqualTo(200);
    }

    @Test
    void a_cookie_alone_is_not_enough() {
        assertThat(refresh().status()).isEqualTo(403);
    }

    @Test
    void a_wrong_cookie_is_cleared() {
        Answer answer = client.send(
                "POST", "/api/auth/refresh", "", null, "Cookie", "sluice_refresh=wrong", "Origin", node.url());
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("Set-Cookie")).startsWith("sluice_refresh=;");
    }

    @Test
    void neither_body_nor_cookie_is_401() {
        assertThat(client.send("POST", "/api/auth/refresh", "", null).status()).isEqualTo(401);
        assertThat(client.post("/api/auth/refresh", "", Map.of()).status()).isEqualTo(401);
    }

    private Answer refresh(String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Cookie");
        all.add("other=1; sluice_refresh=" + signedIn.text("refreshToken"));
        return client.send("POST", "/api/auth/refresh", "", null, all.toArray(String[]::new));
    }
}
