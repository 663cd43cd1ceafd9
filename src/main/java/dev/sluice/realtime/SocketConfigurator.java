package dev.sluice.realtime;

import jakarta.websocket.Extension;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.function.Supplier;

/**
 * Makes the endpoints of one path with what they need. Origins were looked at by {@link UpgradeFilter}, which knows the
 * request. No extension is accepted: compression costs a socket 300 KB and would have to be done for each anew.
 */
final class SocketConfigurator extends ServerEndpointConfig.Configurator {
    private final Supplier<? extends SocketEndpoint> endpoints;

    SocketConfigurator(Supplier<? extends SocketEndpoint> endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) {
        return type.cast(endpoints.get());
    }

    @Override
    public boolean checkOrigin(String origin) {
        return true;
    }

    @Override
    public List<Extension> getNegotiatedExtensions(List<Extension> installed, List<Extension> requested) {
        return List.of();
    }
}
