-- The names of channels are those that sockets have: letters of every script, and after the namespace whatever a subject
-- may hold. What is ASCII is looked at here; a name that is odd beyond that reaches nobody.
CREATE OR REPLACE FUNCTION sluice.publish(
    channel text, data jsonb, idempotency_key text DEFAULT NULL, event text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    body text := data::text;
BEGIN
    IF channel IS NULL OR char_length(channel) > 255
       OR split_part(channel, ':', 1) COLLATE "C" !~ '^([-A-Za-z0-9_.@]|[^\x01-\x7f])+$'
       OR channel COLLATE "C" ~ '[\x01-\x20\x7f]' OR right(channel, 1) = ':' THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('sluice.publish: %s is not a channel', coalesce(quote_literal(left(channel, 300)), 'NULL')),
            HINT = 'A channel is namespace:name of at most 255 letters, digits and - _ . : @';
    ELSIF body IS NULL THEN
        RAISE null_value_not_allowed USING
            MESSAGE = 'sluice.publish: data is NULL',
            HINT = 'JSON''s own null is ''null''::jsonb';
    ELSIF octet_length(body) > 65536 THEN
        RAISE program_limit_exceeded USING
            MESSAGE = format('sluice.publish: data has %s bytes, 65536 are allowed', octet_length(body)),
            HINT = 'Publish an identifier, and let the client ask for the rest.';
    ELSIF char_length(idempotency_key) > 255 THEN
        RAISE program_limit_exceeded USING
            MESSAGE = format('sluice.publish: idempotency_key has %s characters, 255 are allowed',
                             char_length(idempotency_key));
    ELSIF char_length(event) > 100 OR event COLLATE "C" ~ '[[:cntrl:]]' THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'sluice.publish: event has more than 100 characters, or control characters';
    END IF;
    INSERT INTO sluice.outbox (channel, event, idempotency_key, data, info)
    VALUES (channel, coalesce(event, ''), nullif(idempotency_key, ''), body, '');
END $$;
