-- Sign-in. Secrets are kept as SHA-256 hashes; the signing secret alone must be kept as it is.
-- Subjects elsewhere are text: nothing outside this file refers to accounts.

CREATE TABLE sluice.account (
    id            uuid        PRIMARY KEY,
    email         text        NOT NULL,
    name          text        NOT NULL,
    password_hash text        NOT NULL,
    roles         text[]      NOT NULL,
    disabled      boolean     NOT NULL DEFAULT false,
    demo          boolean     NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_email ON sluice.account (lower(email));

-- One sign-in on one device: the family of its refresh tokens.
CREATE TABLE sluice.session (
    id           uuid        PRIMARY KEY,
    account      uuid        NOT NULL REFERENCES sluice.account ON DELETE CASCADE,
    rotation_key bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    address      text        NOT NULL,
    user_agent   text        NOT NULL
);
CREATE INDEX session_account ON sluice.session (account, created_at);
CREATE INDEX session_expires_at ON sluice.session (expires_at);
COMMENT ON COLUMN sluice.session.rotation_key IS
    'a refresh token''s successor is HMAC-SHA-256(rotation_key, token); useless without a token';

CREATE TABLE sluice.refresh_token (
    hash       bytea       PRIMARY KEY,
    session    uuid        NOT NULL REFERENCES sluice.session ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX refresh_token_session ON sluice.refresh_token (session, created_at);
CREATE INDEX refresh_token_used_at ON sluice.refresh_token (used_at);

CREATE TABLE sluice.ticket (
    hash       bytea       PRIMARY KEY,
    subject    text        NOT NULL,
    name       text        NOT NULL,
    roles      text[]      NOT NULL,
    claims     json        NOT NULL,
    stream     text        NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    until      timestamptz NOT NULL
);
CREATE INDEX ticket_subject ON sluice.ticket (subject);
CREATE INDEX ticket_until ON sluice.ticket (until);
COMMENT ON COLUMN sluice.ticket.expires_at IS 'first use before';
COMMENT ON COLUMN sluice.ticket.until IS 'reconnects before: the expiry of the access token that bought it';
COMMENT ON COLUMN sluice.ticket.stream IS 'the stream it opened; begins the event ids of that stream';

CREATE TABLE sluice.api_key (
    id           uuid        PRIMARY KEY,
    account      uuid        NOT NULL REFERENCES sluice.account ON DELETE CASCADE,
    prefix       text        NOT NULL UNIQUE,
    hash         bytea       NOT NULL,
    name         text        NOT NULL,
    roles        text[]      NOT NULL,
    read_only    boolean     NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    expires_at   timestamptz
);
CREATE INDEX api_key_account ON sluice.api_key (account, created_at);

-- The newest signs; all that are not retired verify.
CREATE TABLE sluice.signing_secret (
    kid        text        PRIMARY KEY,
    secret     bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
