package dev.sluice.flow;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Widens the buffer between the container and one socket, so that a chunk reaches the kernel in one call.
 *
 * <p>Tomcat writes to the socket in pieces of its connector's {@code socket.appWriteBufSize}: 8 KiB, or less where many
 * idle connections must be cheap. Each piece wakes the client, and a large export then takes a third longer. There is no
 * public way to have another size for one connection, so this goes through Tomcat's own objects; with a container that is
 * made differently nothing happens, and writes stay small. The buffer lives as long as the connection. Stateless.
 */
final class SocketBuffer {
    private static final Logger LOG = LoggerFactory.getLogger(SocketBuffer.class);

    private SocketBuffer() {}

    /**
     * Does its best. To be called between two writes, when the container has said that it is ready: then the buffer is
     * empty.
     *
     * @return whether the buffer has the size now
     */
    static boolean widen(ServletRequest request, int bytes) {
        try {
            Object connectorRequest = field(bare(request), "request");
            Object processor = field(call(connectorRequest, "getCoyoteRequest"), "hook");
            Object buffers = call(field(processor, "socketWrapper"), "getSocketBufferHandler");
            return widen(buffers, bytes);
        } catch (ReflectiveOperationException | InaccessibleObjectException | ClassCastException e) {
            LOG.debug("This container keeps its own size of writes", e);
            return false;
        }
    }

    private static boolean widen(Object buffers, int bytes) throws ReflectiveOperationException {
        call(buffers, "configureWriteBufferForWrite");
        Field field = findField(buffers.getClass(), "writeBuffer");
        ByteBuffer present = (ByteBuffer) field.get(buffers);
        if (present.capacity() >= bytes) {
            return true;
        }
        if (present.position() > 0 || present.isDirect()) {
            return false;
        }
        field.set(buffers, ByteBuffer.allocate(bytes));
        return true;
    }

    private static ServletRequest bare(ServletRequest request) {
        ServletRequest inner = request;
        while (inner instanceof ServletRequestWrapper wrapper) {
            inner = wrapper.getRequest();
        }
        return inner;
    }

    private static Object call(Object on, String method) throws ReflectiveOperationException {
        return on.getClass().getMethod(method).invoke(on);
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        return findField(of.getClass(), name).get(of);
    }

    private static Field findField(Class<?> start, String name) throws NoSuchFieldException {
        for (Class<?> type = start; type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    field.setAccessible(true);
                    return field;
                }
            }
        }
        throw new NoSuchFieldException(start.getName() + "." + name);
    }
}
