-- Removes the tables that 001 created; those that were there before it, with their rows, stay.

DO $$
DECLARE
  t name;
BEGIN
  FOREACH t IN ARRAY ARRAY['masterplan_subtasks', 'masterplan_tasks', 'masterplan_milestones', 'masterplan_phases',
                           'masterplans', 'discovery_documents', 'users']::name[]
  LOOP
    IF NOT EXISTS (SELECT FROM mge_adopted WHERE revision = '001' AND kind = 'table' AND table_name = t) THEN
      EXECUTE format('DROP TABLE %I', t);
    END IF;
  END LOOP;
END
$$;

DROP TYPE masterplan_status, phase_type, task_complexity, task_status;
DROP TABLE mge_adopted;
