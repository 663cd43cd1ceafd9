package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GatheredWritesTest {
    @Test
    void thisContainerHasAllMembers() {
        assertThat(GatheredWrites.find()).isPresent();
    }

    @Test
    void withoutThemThereAreNone() {
        assertThat(GatheredWrites.find(ClassLoader.getPlatformClassLoader())).isEmpty();
    }

    @Test
    void aSessionOfAnotherKindIsLeftAlone() {
        GatheredWrites writes = GatheredWrites.find().orElseThrow();
        assertThat(writes.endpoint(new FakeSession(() -> "anybody").session())).isEmpty();
    }
}
