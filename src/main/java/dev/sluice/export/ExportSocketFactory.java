package dev.sluice.export;

import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** Makes {@link ExportSocket}s for the driver, which makes this by its name. Thread-safe. */
public final class ExportSocketFactory extends SocketFactory {
    private final long largestMessage;

    /** @param largestMessage bytes, in digits */
    public ExportSocketFactory(String largestMessage) {
        this.largestMessage = Long.parseLong(largestMessage);
    }

    @Override
    public Socket createSocket() {
        return new ExportSocket(largestMessage);
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw connectsNothing();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw connectsNothing();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw connectsNothing();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw connectsNothing();
    }

    /** The driver connects its sockets itself, with its own time-out. */
    private static UnsupportedOperationException connectsNothing() {
        return new UnsupportedOperationException("a socket that is not connected is all there is");
    }
}
