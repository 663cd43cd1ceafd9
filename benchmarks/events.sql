-- A wide table for scripts/bench-export, of 21 columns and as many rows as psql's variable rows says: the mixture of an ordinary
-- event log (numbers, texts with quotes, line breaks and letters beyond ASCII, documents, times, bytes, nulls). The same on every
-- machine. Run again: does nothing.
CREATE SCHEMA IF NOT EXISTS bench;

CREATE TABLE IF NOT EXISTS bench.events (
    id bigint PRIMARY KEY,
    kind text NOT NULL,
    source text NOT NULL,
    happened_at timestamptz NOT NULL,
    recorded_on date NOT NULL,
    account_id uuid,
    amount numeric(14, 2),
    exact numeric,
    ratio float8,
    score float4,
    quantity int4 NOT NULL,
    priority int2,
    total int8,
    paid bool NOT NULL,
    title text,
    remark text,
    note text,
    facts jsonb,
    tags text[],
    digest bytea,
    lasted interval
);

INSERT INTO bench.events
SELECT i,
    (ARRAY['order.created', 'order.paid', 'login', 'search', 'refund'])[1 + i % 5],
    'node-' || i % 16,
    '2024-01-01 00:00:00+00'::timestamptz + i * '61.234567 seconds'::interval,
    '2024-01-01'::date + (i / 1411)::int,
    CASE WHEN i % 10 <> 0 THEN h::uuid END,
    (i * 7919 % 100000000) / 100.0,
    CASE WHEN i % 7 <> 0 THEN i * 1.000000000001 END,
    CASE WHEN i % 11 <> 0 THEN i / 7.0::float8 END,
    (i % 1000)::float4 / 8,
    i % 500,
    CASE WHEN i % 3 <> 0 THEN i % 10 END,
    i * 7919000001,
    i % 3 = 0,
    'Event number ' || i,
    CASE i % 4 WHEN 0 THEN 'said "yes", then left' WHEN 1 THEN E'two\nlines' WHEN 2 THEN 'größer, 日本語, 😀' END,
    CASE WHEN i % 5 = 0 THEN repeat('some longer text ', 1 + (i % 9)::int) END,
    jsonb_build_object('number', i, 'path', '/orders/' || i, 'ok', i % 2 = 0, 'tags', jsonb_build_array('a', 'b')),
    ARRAY['tag-' || i % 10, left(h, 4)],
    decode(h, 'hex'),
    CASE WHEN i % 6 <> 0 THEN i % 86400 * '1.5 seconds'::interval END
FROM generate_series(1::bigint, :rows) AS i, md5(i::text) AS h
WHERE NOT EXISTS (SELECT FROM bench.events);

VACUUM (ANALYZE) bench.events;
