-- A shard that a person has paused: a row here. Beside relay_cursor, which changes all the time:
-- a relay looks here often, and finds one row or none whatever transactions are open.
CREATE TABLE onceward.relay_pause (
  shard     smallint PRIMARY KEY REFERENCES onceward.relay_cursor,
  reason    text        NOT NULL CHECK (reason <> ''),
  paused_by text        NOT NULL DEFAULT session_user,
  paused_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT, INSERT, DELETE ON onceward.relay_pause TO onceward_relay;
GRANT SELECT ON onceward.relay_pause TO onceward_monitor;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (7, 'pause', 6, '31c92803d07452b0ad95e1aa9390d7d6d9bf448fa1c360fc108c07258b30ae01');
