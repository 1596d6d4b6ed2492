-- Removes what 001 created. Tables and types that were there before it stay, with their rows.
-- On a database that started empty this drops the plans. mge_parked (plans that V2 made beside an adopted MVP database, put
-- aside by the way back of 002) is never dropped.

DO $$
DECLARE
  v_name name;
BEGIN
  FOREACH v_name IN ARRAY ARRAY['masterplan_subtasks', 'masterplan_tasks', 'masterplan_milestones', 'masterplan_phases',
                                'masterplans', 'discovery_documents', 'users']::name[]
  LOOP
    IF NOT EXISTS (SELECT FROM mge_adopted WHERE revision = '001' AND kind = 'table' AND object_name = v_name) THEN
      EXECUTE format('DROP TABLE %I', v_name);
    END IF;
  END LOOP;

  FOREACH v_name IN ARRAY ARRAY['masterplan_status', 'phase_type', 'task_complexity', 'task_status']::name[]
  LOOP
    IF NOT EXISTS (SELECT FROM mge_adopted WHERE revision = '001' AND kind = 'type' AND object_name = v_name) THEN
      EXECUTE format('DROP TYPE %I', v_name);
    END IF;
    IF EXISTS (SELECT FROM mge_adopted WHERE revision = '001' AND kind = 'renamed_type' AND object_name = v_name) THEN
      EXECUTE format('ALTER TYPE %I RENAME TO %I', v_name || '_mvp', v_name);
    END IF;
  END LOOP;
END
$$;

DROP TABLE mge_adopted;
