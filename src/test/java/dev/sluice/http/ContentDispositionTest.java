package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentDispositionTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "users.csv|attachment; filename=\"users.csv\"",
                "a b;c'd.csv|attachment; filename=\"a b;c'd.csv\"",
                "a\"b\\c/d%e.csv|attachment; filename=\"a_b_c_d_e.csv\"; filename*=UTF-8''a%22b%5Cc%2Fd%25e.csv",
                "\u00fcn\u00ef.csv|attachment; filename=\"_n_.csv\"; filename*=UTF-8''%C3%BCn%C3%AF.csv",
                "\ud83d\ude00 x.csv|attachment; filename=\"_ x.csv\"; filename*=UTF-8''%F0%9F%98%80%20x.csv",
                "`a\r\nSet-Cookie: b`|attachment; filename=\"a__Set-Cookie: b\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b",
            })
    void a_name_is_sent_so_that_every_browser_reads_it(String name, String expected) {
        assertThat(ContentDisposition.attachment(name)).isEqualTo(expected);
    }
}
