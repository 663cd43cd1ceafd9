package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.flow.Frame;
import jakarta.websocket.SendHandler;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.tomcat.websocket.WsRemoteEndpointImplBase;
import org.junit.jupiter.api.Test;

class GatheredWritesTest {
    @Test
    void thisContainerHasAllMembers() {
        assertThat(GatheredWrites.find()).isPresent();
    }

    @Test
    void withoutThemThereAreNone() throws Exception {
        Method find = Class.forName(GatheredWrites.class.getName(), true, new WithoutTomcat())
                .getDeclaredMethod("find");
        find.setAccessible(true);

        assertThat((Optional<?>) find.invoke(null)).isEmpty();
    }

    /** Another container: it has our classes, those of the interface, and none of Tomcat's. */
    private static final class WithoutTomcat extends ClassLoader {
        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("org.apache.tomcat.")) {
                throw new ClassNotFoundException(name);
            }
            return name.startsWith("dev.sluice.realtime.") ? define(name) : super.loadClass(name, resolve);
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            String file = '/' + name.replace('.', '/') + ".class";
            try (InputStream in = GatheredWritesTest.class.getResourceAsStream(file)) {
                byte[] code = Objects.requireNonNull(in, name).readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void aSessionOfAnotherKindIsLeftAlone() {
        GatheredWrites writes = GatheredWrites.find().orElseThrow();
        assertThat(writes.open(new FakeSession(() -> "anybody").session())).isEmpty();
    }

    @Test
    void whateverAWriteThrowsNothingIsHeldOn() {
        assertThatNothingIsHeld(() -> List.of(Frame.of("a"), Frame.of("b")), NullPointerException.class);
    }

    @Test
    void norWhateverIsThrownBeforeTheWrite() {
        assertThatNothingIsHeld(
                () -> {
                    throw new OutOfMemoryError("in a test");
                },
                OutOfMemoryError.class);
    }

    /** Had the endpoint's semaphore been kept, the second time would end otherwise. There is no connection to write to. */
    private static void assertThatNothingIsHeld(Supplier<List<Frame>> frames, Class<? extends Throwable> error) {
        GatheredWrites writes = GatheredWrites.find().orElseThrow();
        GatheredWrites.Writer writer = writes.new Writer(new Alone(), null, null);
        List<Frame> late = new AbstractList<>() {
            @Override
            public Frame get(int index) {
                return frames.get().get(index);
            }

            @Override
            public int size() {
                return 2;
            }
        };
        List<Throwable> told = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Throwable thrown = catchThrowable(() -> writer.write(late, end -> told.add(SocketWire.error(end))));
            assertThat(thrown == null || thrown instanceof Error).isTrue();
        }
        assertThat(told).hasSize(2).hasOnlyElementsOfType(error);
        assertThat(writes.copiedBytes()).isZero();
    }

    /** An endpoint of the container's kind, of no session. */
    private static final class Alone extends WsRemoteEndpointImplBase {
        @Override
        protected void doWrite(SendHandler handler, boolean blocking, long timeoutExpiry, ByteBuffer... buffers) {
            throw new AssertionError("never called");
        }

        @Override
        protected boolean isMasked() {
            return false;
        }

        @Override
        protected void doClose() {}

        @Override
        protected ReentrantLock getLock() {
            return new ReentrantLock();
        }
    }
}
