package dev.sluice.realtime.gateway;

import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Ending;
import dev.sluice.realtime.Envelope;
import dev.sluice.realtime.Protocol;
import dev.sluice.realtime.Texts;
import dev.sluice.realtime.TokenMessages;
import java.util.Map;
import java.util.Optional;

/** One connection to the gateway. Called by one thread at a time. */
final class GatewayProtocol implements Protocol {
    private final Gateway gateway;
    private final Connection connection;
    private final TokenMessages tokens;
    private String user = "";
    private boolean isMember;
    private boolean hasJoined;

    GatewayProtocol(Gateway gateway, Connection connection) {
        this.gateway = gateway;
        this.connection = connection;
        this.tokens = new TokenMessages(connection);
    }

    @Override
    public void opened() {
        if (gateway.guests() || connection.caller().signedIn()) {
            enter();
        }
    }

    @Override
    public void text(String message) {
        Envelope envelope;
        try {
            envelope = Envelope.read(message);
        } catch (Envelope.Malformed e) {
            error(e.envelope(), "bad_request", "Expected {\"type\", \"payload\"}: " + e.getMessage());
            return;
        }
        switch (envelope.type()) {
            case "auth" -> authenticate(envelope);
            case "refresh" -> refresh(envelope);
            case "message" -> ifMember(envelope, () -> message(envelope));
            case "echo" ->
                ifMember(envelope, () -> connection.send(envelope.reply("echo", envelope.payload(), gateway.now())));
            case "ping" -> connection.send(envelope.reply("pong", Map.of(), gateway.now()));
            default -> error(envelope, "unknown_type", "There is no message of this type.");
        }
    }

    @Override
    public void refused(String message) {
        try {
            tellTooMany(Envelope.read(message));
        } catch (Envelope.Malformed e) {
            tellTooMany(e.envelope());
        }
    }

    private void tellTooMany(Envelope envelope) {
        answer(envelope, "too_many_requests", "Too many messages; wait a little.");
    }

    @Override
    public void closed(Ending ending) {
        gateway.leave(connection);
        if (hasJoined) {
            gateway.gone(user);
        }
    }

    private void enter() {
        connection.established();
        user = nameOf();
        isMember = true;
        gateway.enter(connection);
    }

    private String nameOf() {
        String name = connection.caller().name();
        return name.isEmpty() ? "Anonymous-" + connection.id().substring(0, 6) : name;
    }

    /** Who is signed in speaks as nobody else, and may have signed in after the first words. */
    private String nameOf(Optional<String> given) {
        return connection.caller().signedIn() ? nameOf() : given.orElse(user);
    }

    private void authenticate(Envelope envelope) {
        if (tokens.authenticate(envelope)) {
            if (!isMember) {
                enter();
            }
            connection.send(envelope.reply("ok", Map.of(), gateway.now()));
        }
    }

    private void refresh(Envelope envelope) {
        if (tokens.refresh(envelope)) {
            connection.send(envelope.reply("refreshed", tokens.expiry(), gateway.now()));
        }
    }

    private void ifMember(Envelope envelope, Runnable action) {
        if (isMember) {
            action.run();
        } else {
            error(envelope, "unauthorized", "Send auth with a token first.");
        }
    }

    private void message(Envelope envelope) {
        Optional<String> text = envelope.text("text");
        Optional<String> name = envelope.text("user")
                .filter(given -> !given.isBlank() && !connection.caller().signedIn());
        if (isLonger(name, gateway.limits().nameLength())) {
            error(
                    envelope,
                    "too_long",
                    "A user's name has at most " + gateway.limits().nameLength() + " characters.");
        } else if (!name.map(Texts::isPlain).orElse(true)) {
            error(envelope, "bad_request", "A user's name has no control characters.");
        } else if (isLonger(text, gateway.limits().textLength())) {
            error(envelope, "too_long", "A text has at most " + gateway.limits().textLength() + " characters.");
        } else if (!text.map(Texts::isWhole).orElse(true)) {
            error(envelope, "bad_request", "A text has no NUL and no half of a character.");
        } else if (!connection.takePublication()) {
            connection.strike();
            tellTooMany(envelope);
        } else {
            tell(envelope, name, text);
        }
    }

    private void tell(Envelope envelope, Optional<String> name, Optional<String> text) {
        switch (envelope.text("type").orElse("")) {
            case "join" -> join(name, text);
            case "message" -> gateway.tell("message", nameOf(name), text.orElse(""));
            case "leave" -> leave(name, text);
            default -> error(envelope, "bad_request", "The payload's type is join, message or leave.");
        }
    }

    private void join(Optional<String> name, Optional<String> text) {
        user = nameOf(name);
        hasJoined = true;
        gateway.tell("join", user, text.filter(said -> !said.isBlank()).orElse(user + " joined"));
    }

    private void leave(Optional<String> name, Optional<String> text) {
        String leaver = hasJoined ? user : nameOf(name);
        hasJoined = false;
        gateway.tell("leave", leaver, text.filter(said -> !said.isBlank()).orElse(leaver + " left"));
    }

    private void error(Envelope envelope, String code, String message) {
        answer(envelope, code, message);
        connection.strike();
    }

    private void answer(Envelope envelope, String code, String message) {
        connection.send(envelope.reply("error", Map.of("code", code, "message", message), gateway.now()));
    }

    private static boolean isLonger(Optional<String> text, int most) {
        return text.filter(one -> Texts.isLonger(one, most)).isPresent();
    }
}
