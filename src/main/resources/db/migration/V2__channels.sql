-- Channels: what is published, from SQL or through a node, and what is kept of it.
-- One node at a time, the leader, moves committed rows of the outbox into the stream and gives them their places there.

-- Logged: an unlogged table is emptied by crash recovery. The transaction is the top-level one, within savepoints too.
CREATE TABLE sluice.outbox (
    xid             xid8        NOT NULL DEFAULT pg_current_xact_id(),
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    channel         text        NOT NULL,
    event           text        NOT NULL,
    idempotency_key text,
    data            text        NOT NULL,
    info            text        NOT NULL,
    created         timestamptz NOT NULL DEFAULT clock_timestamp(),
    token           bigint,
    PRIMARY KEY (xid, id)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_threshold = 2000000000,
    vacuum_truncate = off
);
COMMENT ON COLUMN sluice.outbox.data IS 'JSON, as text: jsonb would reorder keys and refuses \u0000';
COMMENT ON COLUMN sluice.outbox.token IS 'by which a node knows its own publications again; null from SQL';

-- The epoch of channels that have no row below. It changes when rows of idle channels are deleted, so that
-- the next stream of such a channel is told from the former one.
CREATE TABLE sluice.epoch (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch text    NOT NULL
);
INSERT INTO sluice.epoch (epoch) VALUES (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12));

CREATE TABLE sluice.channel (
    channel    text   PRIMARY KEY,
    epoch      text   NOT NULL,
    top_offset bigint NOT NULL DEFAULT 0,
    forgotten  bigint NOT NULL DEFAULT 0,
    emptied    timestamptz
);
CREATE INDEX channel_emptied ON sluice.channel (emptied) WHERE emptied IS NOT NULL;
COMMENT ON COLUMN sluice.channel.top_offset IS
    'written when the newest row of the stream is deleted: the top is the greater one of both';
COMMENT ON COLUMN sluice.channel.forgotten IS 'nothing up to this offset is shown any more';
COMMENT ON COLUMN sluice.channel.emptied IS 'when the last row was deleted from the stream';

-- The order of id is the order of commits: only the leader inserts, on one connection. The unique key is the last fence
-- against a second leader.
CREATE TABLE sluice.stream (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel     text        NOT NULL,
    chan_offset bigint      NOT NULL,
    epoch       text        NOT NULL,
    event       text        NOT NULL,
    data        text        NOT NULL,
    info        text        NOT NULL,
    created     timestamptz NOT NULL DEFAULT now(),
    token       bigint,
    UNIQUE (channel, chan_offset)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE sluice.idempotency (
    channel     text        NOT NULL,
    key         text        NOT NULL,
    epoch       text        NOT NULL,
    chan_offset bigint      NOT NULL,
    created     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (channel, key)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX idempotency_created ON sluice.idempotency (created);
COMMENT ON TABLE sluice.idempotency IS 'the place of the first publication with a key, for five minutes';

-- An INSERT and nothing more: no lock, no notification. With the rights of its owner: EXECUTE is all a caller needs.
CREATE FUNCTION sluice.publish(
    channel text, data jsonb, idempotency_key text DEFAULT NULL, event text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    body text := data::text;
BEGIN
    IF channel IS NULL OR octet_length(channel) NOT BETWEEN 1 AND 255 OR channel COLLATE "C" ~ '[^-A-Za-z0-9_.:@]' THEN
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
REVOKE ALL ON FUNCTION sluice.publish FROM PUBLIC;
COMMENT ON FUNCTION sluice.publish IS
    'Publishes when the transaction commits. Callers need USAGE on schema sluice and EXECUTE on this function.';

-- Waits until a row is there that came after a snapshot, for so many milliseconds at most; for the leader.
CREATE FUNCTION sluice.wait_rows(p_xmax text, p_xip text, p_ms integer, p_step float8)
RETURNS boolean LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    until  timestamptz := clock_timestamp() + p_ms * interval '1 ms';
    future xid8 := p_xmax::xid8;
    open   xid8[] := p_xip::xid8[];
BEGIN
    LOOP
        IF EXISTS (SELECT FROM sluice.outbox WHERE xid = ANY (open))
           OR EXISTS (SELECT FROM sluice.outbox WHERE xid >= future) THEN
            RETURN true;
        ELSIF clock_timestamp() >= until THEN
            RETURN false;
        END IF;
        PERFORM pg_sleep(p_step);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION sluice.wait_rows FROM PUBLIC;
