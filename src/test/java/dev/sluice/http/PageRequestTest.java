package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageRequestTest {
    private final PageRequest three = PageRequest.of(Optional.of("3"), Optional.of("a"));

    @Test
    void the_entry_beyond_the_page_tells_that_another_page_follows() {
        List<String> found = List.of("b", "c", "d", "e");
        assertThat(three.lookFor()).isEqualTo(found.size());
        assertThat(three.cut(found)).containsExactly("b", "c", "d");
        assertThat(three.toJson("letters", three.cut(found), found, Function.identity()))
                .containsEntry("letters", List.of("b", "c", "d"))
                .containsEntry("next", "d");
    }

    @Test
    void a_last_page_has_no_next_also_when_it_is_full() {
        for (List<String> found : List.of(List.of("b", "c", "d"), List.of("b"), List.<String>of())) {
            assertThat(three.cut(found)).isEqualTo(found);
            assertThat(three.toJson("letters", found, found, Function.identity()))
                    .containsEntry("next", null);
        }
    }

    @Test
    void without_parameters_it_is_the_first_page() {
        PageRequest first = PageRequest.of(Optional.empty(), Optional.empty());
        assertThat(first.limit()).isEqualTo(100);
        assertThat(first.after()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1001", "x", "", "1.0", " 1"})
    void a_page_has_a_largest_size(String limit) {
        assertThatThrownBy(() -> PageRequest.of(Optional.of(limit), Optional.empty()))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_VALUE));
    }
}
