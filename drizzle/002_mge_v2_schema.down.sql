-- Takes the V2 parts out again.
--
-- Dropped for good: atoms, edges, graphs, waves, attempts, validation results, reviews, executions, stage jobs, costs, events,
-- idempotency keys, the audit log, the maintenance switch, user activity, and what the V2 columns of plans and tasks hold.
--
-- Where the plans are an MVP's (adopted by 001), their tables get back the types, defaults, constraints and indexes they had, and
-- every value that V2 did not change is as it was, to the letter. Plans that V2 made in those tables are put aside in mge_parked,
-- from where the next upgrade brings them back. What V2 changed in an MVP's plan (such as its status) stays changed; plans that V2
-- removed stay removed; text that has outgrown the MVP's column keeps a wider one.

-- Values are compared as text on the way back, so both ways must print them alike.
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO, YMD';

DROP TABLE user_activity, system_state, audit_log, idempotency_keys, execution_events, cost_ledger, stage_jobs, atom_queue,
  executions;
ALTER TABLE masterplans DROP CONSTRAINT fk_masterplans_graph;
DROP TABLE human_review_queue, atom_retry_history, execution_waves, validation_results, atom_dependencies, atomic_units,
  dependency_graphs;
DROP INDEX ix_masterplans_user, ix_masterplans_graph, ix_masterplans_v2_mode, ix_masterplans_discovery, ix_tasks_masterplan,
  ix_tasks_milestone, ix_tasks_status, ix_tasks_phase, ix_phases_masterplan, ix_milestones_phase, ix_subtasks_task;

-- Put V2's own rows aside, without what is gone now.
UPDATE masterplans SET graph_id = NULL, total_atoms = 0, total_waves = 0, max_parallelism = 0, precision_percent = NULL
WHERE NOT EXISTS (SELECT FROM mge_adopted_rows r WHERE r.table_name = 'masterplans' AND r.row_id = masterplan_id);
UPDATE masterplan_tasks SET decomposed_sha256 = NULL
WHERE NOT EXISTS (SELECT FROM mge_adopted_rows r WHERE r.table_name = 'masterplan_tasks' AND r.row_id = task_id);

DO $$
DECLARE
  v_table name;
  v_key name;
  v_count bigint;
BEGIN
  SET CONSTRAINTS ALL IMMEDIATE;
  CREATE TABLE mge_parked (table_name name NOT NULL, row_id uuid NOT NULL, content jsonb NOT NULL, PRIMARY KEY (table_name, row_id));
  COMMENT ON TABLE mge_parked IS 'Plans that V2 made beside those of an MVP, put aside when V2 was taken out; the next upgrade brings them back.';
  FOR v_table, v_key IN VALUES
    ('masterplan_subtasks'::name, 'subtask_id'::name), ('masterplan_tasks', 'task_id'), ('masterplan_milestones', 'milestone_id'),
    ('masterplan_phases', 'phase_id'), ('masterplans', 'masterplan_id'), ('discovery_documents', 'discovery_id'),
    ('users', 'user_id')
  LOOP
    CONTINUE WHEN NOT EXISTS (SELECT FROM mge_adopted WHERE revision = '001' AND kind = 'table' AND object_name = v_table);
    EXECUTE format(
      'INSERT INTO mge_parked SELECT %1$L, t.%2$I, to_jsonb(t) FROM %1$I t
       WHERE NOT EXISTS (SELECT FROM mge_adopted_rows r WHERE r.table_name = %1$L AND r.row_id = t.%2$I)', v_table, v_key);
  END LOOP;
  FOR v_table, v_key IN VALUES
    ('masterplan_subtasks'::name, 'subtask_id'::name), ('masterplan_tasks', 'task_id'), ('masterplan_milestones', 'milestone_id'),
    ('masterplan_phases', 'phase_id'), ('masterplans', 'masterplan_id'), ('discovery_documents', 'discovery_id'),
    ('users', 'user_id')
  LOOP
    EXECUTE format('DELETE FROM %1$I t USING mge_parked p WHERE p.table_name = %1$L AND p.row_id = t.%2$I', v_table, v_key);
  END LOOP;
  SELECT count(*) INTO v_count FROM mge_parked;
  IF v_count = 0 THEN
    DROP TABLE mge_parked;
  END IF;
END
$$;

-- Give adopted tables back what they had.
DO $$
DECLARE
  v_table name;
  v_key name;
  v_column record;
  v_object record;
  v_type text;
  v_longest integer;
  v_unknown text;
  v_before text[];
  v_after text[];
BEGIN
  FOR v_object IN SELECT * FROM mge_adopted WHERE revision = '002' AND kind = 'constraint_added' LOOP
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', v_object.table_name, v_object.object_name);
  END LOOP;

  FOR v_table, v_key IN VALUES
    ('users'::name, 'user_id'::name), ('discovery_documents', 'discovery_id'), ('masterplans', 'masterplan_id'),
    ('masterplan_phases', 'phase_id'), ('masterplan_milestones', 'milestone_id'), ('masterplan_tasks', 'task_id'),
    ('masterplan_subtasks', 'subtask_id')
  LOOP
    v_before := '{}';
    v_after := '{}';
    FOR v_column IN
      SELECT a.object_name AS name, a.kind, a.definition AS back, a.details->>'type' AS type,
        (a.details->>'required')::boolean AS required, a.details->>'default' AS standard
      FROM mge_adopted a
      WHERE a.revision = '002' AND a.kind IN ('column', 'column_added') AND a.table_name = v_table
      ORDER BY a.step
    LOOP
      IF v_column.kind = 'column_added' THEN
        v_before := v_before || format('DROP COLUMN %I', v_column.name);
        CONTINUE;
      END IF;
      -- Only values that nobody has changed since get their old spelling back.
      EXECUTE format(
        'DELETE FROM mge_adopted_values v USING %1$I t
         WHERE v.table_name = %1$L AND v.column_name = %2$L AND v.row_id = t.%3$I AND t.%2$I::text IS DISTINCT FROM v.converted',
        v_table, v_column.name, v_key);
      v_before := v_before || format('ALTER COLUMN %I DROP DEFAULT', v_column.name)
        || CASE WHEN v_column.name = v_key THEN '{}'::text[] ELSE ARRAY[format('ALTER COLUMN %I DROP NOT NULL', v_column.name)] END;
      IF v_column.back IS NOT NULL THEN
        v_type := v_column.type;
        IF v_type LIKE 'character varying(%' THEN
          EXECUTE format('SELECT max(length(%I::text)) FROM %I', v_column.name, v_table) INTO v_longest;
          IF v_longest > substring(v_type FROM '\d+')::integer THEN
            RAISE NOTICE '%.% keeps room for % characters', v_table, v_column.name, v_longest;
            v_type := 'character varying';
            v_column.back := replace(v_column.back, v_column.type, v_type);
          END IF;
        END IF;
        EXECUTE format('SELECT string_agg(DISTINCT %2$I::text, '', '') FROM %1$I WHERE %2$I IS NOT NULL AND (%3$s) IS NULL',
          v_table, v_column.name, replace(v_column.back, '{}', format('%I', v_column.name))) INTO v_unknown;
        IF v_unknown IS NOT NULL THEN
          RAISE EXCEPTION '%.% holds values that its former type % does not know: %', v_table, v_column.name, v_type, v_unknown;
        END IF;
        v_before := v_before || format('ALTER COLUMN %I TYPE %s USING %s', v_column.name, v_type,
          replace(v_column.back, '{}', format('%I', v_column.name)));
      END IF;
      IF v_column.standard IS NOT NULL THEN
        v_after := v_after || format('ALTER COLUMN %I SET DEFAULT %s', v_column.name, v_column.standard);
      END IF;
      IF v_column.required AND v_column.name <> v_key THEN
        v_after := v_after || format('ALTER COLUMN %I SET NOT NULL', v_column.name);
      END IF;
    END LOOP;

    IF v_before <> '{}' THEN
      EXECUTE format('ALTER TABLE %I %s', v_table, array_to_string(v_before, ', '));
    END IF;
    FOR v_column IN
      SELECT DISTINCT v.column_name AS name, format_type(a.atttypid, a.atttypmod) AS type
      FROM mge_adopted_values v
      JOIN pg_attribute a ON a.attrelid = format('%I', v_table)::regclass AND a.attname = v.column_name
      WHERE v.table_name = v_table
    LOOP
      EXECUTE format(
        'UPDATE %1$I t SET %2$I = v.original::%3$s FROM mge_adopted_values v
         WHERE v.table_name = %1$L AND v.column_name = %2$L AND v.row_id = t.%4$I', v_table, v_column.name, v_column.type, v_key);
    END LOOP;
    IF v_after <> '{}' THEN
      EXECUTE format('ALTER TABLE %I %s', v_table, array_to_string(v_after, ', '));
    END IF;
  END LOOP;

  FOR v_object IN SELECT * FROM mge_adopted WHERE revision = '002' AND kind IN ('constraint', 'index') ORDER BY step LOOP
    IF v_object.kind = 'constraint' THEN
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s', v_object.table_name, v_object.object_name, v_object.definition);
    ELSE
      EXECUTE v_object.definition;
    END IF;
  END LOOP;
END
$$;

DELETE FROM mge_adopted WHERE revision = '002';
DROP TABLE mge_adopted_rows, mge_adopted_values;
DROP TYPE planning_status, requirement_priority, atom_status, dependency_type, validation_level, wave_status, review_status,
  review_resolution;
