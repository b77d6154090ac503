-- check_grants ($1 role, null for the connected one; $2 app, relay, inbox or monitor) -> level, what, remedy
--
-- What a role lacks for that part. Here stands all that the parts' roles are granted, as in sql/README.md.
-- Locks: none.
WITH needed (part, kind, object, columns, privilege) AS (VALUES
  ('app',     'schema',   '',               NULL, 'USAGE'),
  ('app',     'table',    'outbox',         '{id,topic,key,type,payload,content_type,headers}', 'INSERT'),
  ('app',     'sequence', 'outbox_seq',     NULL, 'USAGE'),
  ('app',     'function', 'add',            NULL, 'EXECUTE'),
  ('app',     'function', 'add_bytes',      NULL, 'EXECUTE'),
  ('app',     'function', 'bucket_of',      NULL, 'EXECUTE'),
  ('app',     'function', 'headers_ok',     NULL, 'EXECUTE'),
  ('app',     'function', 'lock_key',       NULL, 'EXECUTE'),
  ('app',     'function', 'operation_begin', NULL, 'EXECUTE'),
  ('app',     'function', 'operation_clean', NULL, 'EXECUTE'),
  ('app',     'function', 'operation_end',  NULL, 'EXECUTE'),
  ('app',     'function', 'uuid7',          NULL, 'EXECUTE'),
  ('app',     'function', 'uuid7_ms',       NULL, 'EXECUTE'),
  ('relay',   'schema',   '',               NULL, 'USAGE'),
  ('relay',   'table',    'outbox',         NULL, 'SELECT'),
  ('relay',   'sequence', 'outbox_seq',     NULL, 'SELECT'),
  ('relay',   'table',    'outbox_ring',    NULL, 'SELECT'),
  ('relay',   'table',    'outbox_slot',    NULL, 'SELECT'),
  ('relay',   'function', 'outbox_clean_slot', NULL, 'EXECUTE'),
  ('relay',   'table',    'relay_cursor',   NULL, 'SELECT'),
  ('relay',   'table',    'relay_cursor',   NULL, 'UPDATE'),
  ('relay',   'table',    'relay_life',     NULL, 'SELECT'),
  ('relay',   'table',    'relay_life',     NULL, 'INSERT'),
  ('relay',   'table',    'relay_life',     NULL, 'UPDATE'),
  ('relay',   'table',    'relay_pause',    NULL, 'SELECT'),
  ('relay',   'table',    'relay_pause',    NULL, 'INSERT'),
  ('relay',   'table',    'relay_pause',    NULL, 'DELETE'),
  ('relay',   'table',    'topic_pin',      NULL, 'SELECT'),
  ('relay',   'table',    'topic_pin',      NULL, 'INSERT'),
  ('relay',   'table',    'outbox_dead',    NULL, 'SELECT'),
  ('relay',   'table',    'outbox_dead',    NULL, 'INSERT'),
  ('relay',   'table',    'outbox_hold',    NULL, 'SELECT'),
  ('relay',   'table',    'outbox_hold',    NULL, 'INSERT'),
  ('relay',   'table',    'outbox_hold',    NULL, 'DELETE'),
  ('relay',   'table',    'outbox_held',    NULL, 'SELECT'),
  ('relay',   'table',    'outbox_held',    NULL, 'INSERT'),
  ('relay',   'table',    'outbox_held',    NULL, 'DELETE'),
  ('relay',   'function', 'outbox_forget_tombstones', NULL, 'EXECUTE'),
  ('inbox',   'schema',   '',               NULL, 'USAGE'),
  ('inbox',   'table',    'inbox',          NULL, 'SELECT'),
  ('inbox',   'table',    'inbox',          NULL, 'INSERT'),
  ('inbox',   'table',    'inbox_position', NULL, 'SELECT'),
  ('inbox',   'table',    'inbox_position', NULL, 'INSERT'),
  ('inbox',   'table',    'inbox_position', NULL, 'UPDATE'),
  ('inbox',   'table',    'inbox_progress', NULL, 'SELECT'),
  ('inbox',   'table',    'inbox_progress', NULL, 'INSERT'),
  ('inbox',   'table',    'inbox_dead',     NULL, 'SELECT'),
  ('inbox',   'table',    'inbox_dead',     NULL, 'INSERT'),
  ('inbox',   'table',    'inbox_dead',     '{state,reason,sqlstate,attempts,dead_at,settled_at,key,payload,headers}', 'UPDATE'),
  ('inbox',   'function', 'inbox_make_days', NULL, 'EXECUTE'),
  ('inbox',   'function', 'inbox_keep_days', NULL, 'EXECUTE'),
  ('inbox',   'function', 'inbox_drop_day', NULL, 'EXECUTE'),
  ('monitor', 'schema',   '',               NULL, 'USAGE'),
  ('monitor', 'table',    'outbox',         '{slot,bucket,xid,seq,id,topic,type,created_at}', 'SELECT'),
  ('monitor', 'table',    'outbox_ring',    NULL, 'SELECT'),
  ('monitor', 'table',    'outbox_slot',    NULL, 'SELECT'),
  ('monitor', 'table',    'relay_cursor',   NULL, 'SELECT'),
  ('monitor', 'table',    'relay_pause',    NULL, 'SELECT'),
  ('monitor', 'table',    'topic_pin',      NULL, 'SELECT'),
  ('monitor', 'table',    'outbox_dead',    '{id,shard,seq,topic,type,created_at,state,reason,dead_at}', 'SELECT'),
  ('monitor', 'table',    'outbox_hold',    NULL, 'SELECT'),
  ('monitor', 'table',    'outbox_held',    '{place,shard,seq,id,topic,type,created_at}', 'SELECT'),
  ('monitor', 'table',    'audit',          NULL, 'SELECT'),
  ('monitor', 'table',    'inbox_consumer', NULL, 'SELECT'),
  ('monitor', 'table',    'operation_ring', NULL, 'SELECT'),
  ('monitor', 'table',    'inbox_position', NULL, 'SELECT'),
  ('monitor', 'table',    'inbox_progress', NULL, 'SELECT'),
  ('monitor', 'table',    'inbox_dead',     '{consumer,topic,partition,off,id,type,reason,dead_at,number,kind,state,sqlstate,attempts,settled_at}', 'SELECT')
),
looked_up AS (
  SELECT n.*, coalesce($1::name, current_user) AS who, s.oid AS schema_oid, c.oid AS relation, p.oid AS function,
         CASE kind WHEN 'schema' THEN 'SCHEMA onceward' ELSE
           CASE kind WHEN 'table' THEN '' ELSE upper(kind) || ' ' END || format('onceward.%I', object) END
         || CASE kind WHEN 'function' THEN format('(%s)', pg_get_function_identity_arguments(p.oid)) ELSE '' END AS target
  FROM needed n
  JOIN pg_namespace s ON s.nspname = 'onceward'
  LEFT JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = object
  LEFT JOIN pg_proc p ON p.pronamespace = s.oid AND p.proname = object AND kind = 'function'
  WHERE part = $2
),
judged AS (
  SELECT *, CASE
    WHEN kind = 'schema'   THEN has_schema_privilege(who, schema_oid, privilege)
    WHEN kind = 'function' THEN has_function_privilege(who, function, privilege)
    WHEN kind = 'sequence' THEN has_sequence_privilege(who, relation, privilege)
    WHEN columns IS NULL   THEN has_table_privilege(who, relation, privilege)
    ELSE (SELECT bool_and(has_column_privilege(who, relation, one, privilege)) FROM unnest(columns::text[]) one)
  END AS granted
  FROM looked_up
)
SELECT 'problem',
       CASE WHEN granted IS NULL THEN format('%s is missing', target)
            ELSE format('%s has no %s on %s', who, privilege, target) END,
       CASE WHEN granted IS NULL THEN 'run `onceward migrate up`; if that says that nothing is to do, restore the schema from a backup'
            WHEN who <> 'onceward_' || part THEN format('GRANT %I TO %I;', 'onceward_' || part, who)
            ELSE format('GRANT %s%s ON %s TO %I;', privilege, ' (' || array_to_string(columns::text[], ', ') || ')', target, who) END
FROM judged WHERE granted IS NOT TRUE
