-- Chat rooms: who may not speak, and what was said as a dataset.

CREATE TABLE sluice.chat_mute (
    room     text        NOT NULL,
    user_id  text        NOT NULL,
    until    timestamptz NOT NULL,
    muted_by text        NOT NULL,
    created  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (room, user_id)
);
CREATE INDEX chat_mute_until ON sluice.chat_mute (until);

-- What is kept of rooms, but for what was deleted. The order of id is that of each room's offsets.
CREATE VIEW sluice.chat_messages AS
SELECT s.id,
       substr(s.channel, 6)           AS room,
       s.chan_offset                  AS message_offset,
       s.data::json ->> 'userId'      AS user_id,
       s.data::json ->> 'from'        AS name,
       s.data::json ->> 'text'        AS text,
       s.created                      AS created_at
FROM sluice.stream s
LEFT JOIN sluice.channel c ON c.channel = s.channel
WHERE starts_with(s.channel, 'room:')
  AND s.event IN ('', 'message')
  AND s.chan_offset > coalesce(c.forgotten, 0)
  AND json_typeof(s.data::json) = 'object'
  AND s.data::json ->> 'text' IS NOT NULL;
