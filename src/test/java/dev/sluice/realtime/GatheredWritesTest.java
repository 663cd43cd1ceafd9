package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.flow.Frame;
import jakarta.websocket.SendHandler;
import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.tomcat.websocket.WsRemoteEndpointImplBase;
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

    @Test
    void whateverAWriteThrowsNothingIsHeldOn() {
        List<Frame> frames = List.of(Frame.of("a"), Frame.of("b"));
        Broken endpoint = new Broken(new OutOfMemoryError("in a test"));

        assertThatNothingIsHeld(endpoint, frames, endpoint.error);
    }

    @Test
    void norWhateverIsThrownBeforeTheWrite() {
        Error error = new OutOfMemoryError("in a test");
        List<Frame> frames = new AbstractList<>() {
            @Override
            public Frame get(int index) {
                throw error;
            }

            @Override
            public int size() {
                return 2;
            }
        };

        assertThatNothingIsHeld(new Broken(new AssertionError("never called")), frames, error);
    }

    /** Had the endpoint's semaphore been kept, the second time would end otherwise. */
    private static void assertThatNothingIsHeld(Broken endpoint, List<Frame> frames, Error error) {
        GatheredWrites writes = GatheredWrites.find().orElseThrow();
        List<Throwable> told = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> writes.write(endpoint, frames, end -> told.add(SocketWire.error(end))))
                    .isSameAs(error);
        }
        assertThat(told).containsExactly(error, error);
        assertThat(writes.copiedBytes()).isZero();
    }

    /** An endpoint of the container's kind, of no session, whose writes fail. */
    private static final class Broken extends WsRemoteEndpointImplBase {
        private final Error error;

        Broken(Error error) {
            this.error = error;
        }

        @Override
        protected void doWrite(SendHandler handler, boolean blocking, long timeoutExpiry, ByteBuffer... buffers) {
            throw error;
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
