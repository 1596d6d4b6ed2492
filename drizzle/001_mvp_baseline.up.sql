-- The tables of an MVP database. On an empty database they are created; where a predecessor left some of them, those are adopted
-- as they are (revision 002 brings them to the shape that V2 needs) and the missing ones are created beside them.

-- What was found and what was changed, so that the way back restores exactly that.
CREATE TABLE mge_adopted (
  step bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  revision varchar(3) NOT NULL,
  kind varchar(20) NOT NULL,
  table_name name NOT NULL,
  object_name name NOT NULL,
  definition text,
  details jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE mge_adopted IS 'What migrations 001 and 002 found in an existing MVP database; used by their way back. Do not edit.';

INSERT INTO mge_adopted (revision, kind, table_name, object_name)
SELECT '001', 'table', c.relname, c.relname
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND c.relname IN ('users', 'discovery_documents', 'masterplans', 'masterplan_phases', 'masterplan_milestones',
                    'masterplan_tasks', 'masterplan_subtasks');

-- A table of one of these names with another key is not an MVP's: better to stop than to build on it.
DO $$
DECLARE
  v_table name;
  v_key name;
BEGIN
  FOR v_table, v_key IN
    SELECT * FROM (VALUES
      ('users', 'user_id'), ('discovery_documents', 'discovery_id'), ('masterplans', 'masterplan_id'),
      ('masterplan_phases', 'phase_id'), ('masterplan_milestones', 'milestone_id'), ('masterplan_tasks', 'task_id'),
      ('masterplan_subtasks', 'subtask_id')
    ) AS keys (table_name, key)
    JOIN mge_adopted USING (table_name)
  LOOP
    IF NOT EXISTS (
      SELECT FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = format('%I', v_table)::regclass AND i.indisprimary AND i.indnkeyatts = 1
        AND a.attname = v_key AND a.atttypid = 'uuid'::regtype
    ) THEN
      RAISE EXCEPTION 'table % exists, but its primary key is not a column % of type uuid: this is not the table of an MVP database',
        v_table, v_key;
    END IF;
  END LOOP;
END
$$;

-- Types of the predecessor with one of our names: kept when they are the same, else put aside under the name NAME_mvp.
DO $$
DECLARE
  v_type name;
  v_labels text[];
  v_found text[];
BEGIN
  FOR v_type, v_labels IN VALUES
    ('masterplan_status'::name,
      ARRAY['draft', 'approved', 'rejected', 'in_progress', 'paused', 'completed', 'failed', 'cancelled']),
    ('phase_type', ARRAY['setup', 'core', 'polish']),
    ('task_complexity', ARRAY['low', 'medium', 'high', 'critical']),
    ('task_status', ARRAY['pending', 'ready', 'in_progress', 'validating', 'completed', 'failed', 'skipped', 'blocked'])
  LOOP
    SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) INTO v_found
    FROM pg_type t LEFT JOIN pg_enum e ON e.enumtypid = t.oid
    WHERE t.typname = v_type AND t.typnamespace = current_schema()::regnamespace;
    IF v_found = v_labels THEN
      INSERT INTO mge_adopted (revision, kind, table_name, object_name) VALUES ('001', 'type', '', v_type);
      CONTINUE;
    ELSIF v_found IS NOT NULL THEN
      EXECUTE format('ALTER TYPE %I RENAME TO %I', v_type, v_type || '_mvp');
      INSERT INTO mge_adopted (revision, kind, table_name, object_name) VALUES ('001', 'renamed_type', '', v_type);
    END IF;
    EXECUTE format('CREATE TYPE %I AS ENUM (%s)', v_type,
      (SELECT string_agg(quote_literal(label), ', ' ORDER BY n) FROM unnest(v_labels) WITH ORDINALITY AS l (label, n)));
  END LOOP;
END
$$;

CREATE TABLE IF NOT EXISTS users (
  user_id uuid PRIMARY KEY,
  email varchar(255) NOT NULL,
  username varchar(100),
  password_hash varchar(255),
  is_active boolean NOT NULL DEFAULT true,
  is_superuser boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS discovery_documents (
  discovery_id uuid PRIMARY KEY,
  session_id varchar(100) NOT NULL,
  user_id text NOT NULL,
  user_request text NOT NULL,
  domain varchar(200) NOT NULL,
  bounded_contexts jsonb NOT NULL DEFAULT '[]',
  aggregates jsonb NOT NULL DEFAULT '[]',
  value_objects jsonb NOT NULL DEFAULT '[]',
  domain_events jsonb NOT NULL DEFAULT '[]',
  services jsonb NOT NULL DEFAULT '[]',
  assumptions jsonb NOT NULL DEFAULT '[]',
  clarifications_needed jsonb NOT NULL DEFAULT '[]',
  risk_factors jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS masterplans (
  masterplan_id uuid PRIMARY KEY,
  discovery_id uuid NOT NULL REFERENCES discovery_documents (discovery_id) ON DELETE CASCADE,
  session_id varchar(100) NOT NULL,
  user_id text NOT NULL,
  project_name varchar(200) NOT NULL,
  description text,
  status masterplan_status NOT NULL DEFAULT 'draft',
  tech_stack jsonb NOT NULL DEFAULT '{}',
  architecture_style varchar(100),
  total_phases integer NOT NULL DEFAULT 0,
  total_milestones integer NOT NULL DEFAULT 0,
  total_tasks integer NOT NULL DEFAULT 0,
  total_subtasks integer NOT NULL DEFAULT 0,
  completed_tasks integer NOT NULL DEFAULT 0,
  failed_tasks integer NOT NULL DEFAULT 0,
  skipped_tasks integer NOT NULL DEFAULT 0,
  progress_percent double precision NOT NULL DEFAULT 0,
  estimated_cost_usd double precision,
  actual_cost_usd double precision NOT NULL DEFAULT 0,
  estimated_duration_minutes integer,
  actual_duration_minutes integer,
  llm_model varchar(100),
  generation_cost_usd double precision,
  generation_tokens integer,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  approved_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz
);

CREATE TABLE IF NOT EXISTS masterplan_phases (
  phase_id uuid PRIMARY KEY,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  phase_type phase_type NOT NULL,
  phase_number integer NOT NULL,
  name varchar(200) NOT NULL,
  description text,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS masterplan_milestones (
  milestone_id uuid PRIMARY KEY,
  phase_id uuid NOT NULL REFERENCES masterplan_phases (phase_id) ON DELETE CASCADE,
  milestone_number integer NOT NULL,
  name varchar(200) NOT NULL,
  description text,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS masterplan_tasks (
  task_id uuid PRIMARY KEY,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  phase_id uuid REFERENCES masterplan_phases (phase_id) ON DELETE CASCADE,
  milestone_id uuid NOT NULL REFERENCES masterplan_milestones (milestone_id) ON DELETE CASCADE,
  task_number integer NOT NULL,
  name varchar(300) NOT NULL,
  description text NOT NULL,
  complexity task_complexity NOT NULL DEFAULT 'medium',
  task_type varchar(100),
  depends_on_tasks jsonb NOT NULL DEFAULT '[]',
  blocks_tasks jsonb NOT NULL DEFAULT '[]',
  status task_status NOT NULL DEFAULT 'pending',
  target_files jsonb NOT NULL DEFAULT '[]',
  modified_files jsonb NOT NULL DEFAULT '[]',
  llm_model varchar(100),
  llm_prompt text,
  llm_response text,
  llm_cost_usd double precision,
  llm_tokens_in integer,
  llm_tokens_out integer,
  llm_cached boolean NOT NULL DEFAULT false,
  validation_passed boolean,
  validation_errors jsonb,
  validation_logs text,
  retry_count integer NOT NULL DEFAULT 0,
  max_retries integer NOT NULL DEFAULT 1,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  completed_at timestamptz
);

CREATE TABLE IF NOT EXISTS masterplan_subtasks (
  subtask_id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES masterplan_tasks (task_id) ON DELETE CASCADE,
  subtask_number integer NOT NULL,
  name varchar(300) NOT NULL,
  description text,
  status task_status NOT NULL DEFAULT 'pending',
  completed boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);
