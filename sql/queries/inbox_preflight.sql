-- inbox_preflight () -> what
--
-- What this role lacks to consume, one row each; none when all is well.
-- Locks: none.
SELECT format('table onceward.%s is missing', t) AS what
FROM unnest(ARRAY['inbox', 'inbox_position', 'inbox_progress', 'inbox_dead']) t
WHERE to_regclass('onceward.' || t) IS NULL
UNION ALL
SELECT format('role %s may not %s on onceward.%s', current_user, p, t)
FROM (VALUES ('inbox', 'SELECT'), ('inbox', 'INSERT'), ('inbox_position', 'SELECT'), ('inbox_position', 'INSERT'),
             ('inbox_position', 'UPDATE'), ('inbox_progress', 'SELECT'), ('inbox_progress', 'INSERT'),
             ('inbox_dead', 'SELECT'), ('inbox_dead', 'INSERT')) g(t, p)
WHERE CASE WHEN to_regclass('onceward.' || t) IS NULL THEN false
           ELSE NOT has_table_privilege('onceward.' || t, p) END
UNION ALL
SELECT format('role %s may not call onceward.%s', current_user, f)
FROM unnest(ARRAY['inbox_keep_days(text,integer)', 'inbox_drop_day(text)']) f
WHERE CASE WHEN to_regprocedure('onceward.' || f) IS NULL THEN true
           ELSE NOT has_function_privilege('onceward.' || f, 'EXECUTE') END
