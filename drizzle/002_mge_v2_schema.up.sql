-- The V2 schema: the seven V2 tables, the columns that V2 adds to plans and tasks, and what the engine and the API keep. Tables
-- adopted from an MVP database are brought to the same shape as new ones first; every row is kept, and what the change of a type
-- would lose of a value (spelling, formatting, NULL) is remembered for the way back.

-- Values are compared as text on the way back, so both ways must print them alike.
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO, YMD';

DO $$
DECLARE
  v_found text;
BEGIN
  SELECT string_agg(c.relname, ', ' ORDER BY c.relname) INTO v_found
  FROM pg_class c
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relname IN (
    'atomic_units', 'atom_dependencies', 'dependency_graphs', 'validation_results', 'execution_waves', 'atom_retry_history',
    'human_review_queue', 'executions', 'stage_jobs', 'cost_ledger', 'execution_events', 'idempotency_keys', 'audit_log',
    'system_state', 'user_activity', 'atom_queue');
  IF v_found IS NOT NULL THEN
    RAISE EXCEPTION 'this database already holds % from somewhere else: take it out with the tool that made it, then run this again',
      v_found;
  END IF;
END
$$;

CREATE TYPE planning_status AS ENUM ('planning', 'ready', 'failed');
CREATE TYPE requirement_priority AS ENUM ('must', 'should', 'could');
CREATE TYPE atom_status AS ENUM ('PENDING', 'READY', 'RUNNING', 'COMPLETED', 'FAILED', 'BLOCKED', 'SKIPPED');
CREATE TYPE dependency_type AS ENUM ('IMPORT', 'DATA_FLOW', 'FUNCTION_CALL', 'TYPE', 'TEMPORAL');
CREATE TYPE validation_level AS ENUM ('ATOMIC', 'MODULE', 'COMPONENT', 'SYSTEM');
CREATE TYPE wave_status AS ENUM ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'PARTIAL');
CREATE TYPE review_status AS ENUM ('PENDING', 'IN_REVIEW', 'APPROVED', 'REJECTED', 'EDITED', 'REGENERATED');
CREATE TYPE review_resolution AS ENUM ('APPROVE', 'EDIT', 'REJECT', 'REGENERATE', 'SKIP');

-- The rows that an adopted table held: what came later is V2's, and leaves with it.
CREATE TABLE mge_adopted_rows (
  table_name name NOT NULL,
  row_id uuid NOT NULL,
  PRIMARY KEY (table_name, row_id)
);
-- Values that the new type of their column does not give back by itself.
CREATE TABLE mge_adopted_values (
  table_name name NOT NULL,
  column_name name NOT NULL,
  row_id uuid NOT NULL,
  original text,
  converted text,
  PRIMARY KEY (table_name, column_name, row_id)
);
COMMENT ON TABLE mge_adopted_rows IS 'Rows of an MVP database that migration 002 found; used by its way back. Do not edit.';
COMMENT ON TABLE mge_adopted_values IS 'Values of an MVP database as migration 002 found them; used by its way back. Do not edit.';

-- The shape of the seven MVP tables in V2: type, whether a value is required, the default, and what stands for a missing required
-- value where there is no default. The first column of a table is its key.
CREATE TEMPORARY TABLE mge_shape (
  position integer, table_name name, column_name name, type text, required boolean, standard text, fill text
) ON COMMIT DROP;
INSERT INTO mge_shape VALUES
  (1, 'users', 'user_id', 'uuid', true, NULL, NULL),
  (2, 'users', 'email', 'character varying(255)', true, NULL, $$''$$),
  (3, 'users', 'username', 'character varying(100)', false, NULL, NULL),
  (4, 'users', 'password_hash', 'character varying(255)', false, NULL, NULL),
  (5, 'users', 'is_active', 'boolean', true, 'true', NULL),
  (6, 'users', 'is_superuser', 'boolean', true, 'false', NULL),
  (7, 'users', 'created_at', 'timestamp with time zone', true, 'now()', NULL),
  (8, 'users', 'updated_at', 'timestamp with time zone', true, 'now()', NULL),
  (9, 'discovery_documents', 'discovery_id', 'uuid', true, NULL, NULL),
  (10, 'discovery_documents', 'session_id', 'character varying(100)', true, NULL, $$''$$),
  (11, 'discovery_documents', 'user_id', 'text', true, NULL, $$'unknown'$$),
  (12, 'discovery_documents', 'user_request', 'text', true, NULL, $$''$$),
  (13, 'discovery_documents', 'domain', 'character varying(200)', true, NULL, $$''$$),
  (14, 'discovery_documents', 'bounded_contexts', 'jsonb', true, $$'[]'$$, NULL),
  (15, 'discovery_documents', 'aggregates', 'jsonb', true, $$'[]'$$, NULL),
  (16, 'discovery_documents', 'value_objects', 'jsonb', true, $$'[]'$$, NULL),
  (17, 'discovery_documents', 'domain_events', 'jsonb', true, $$'[]'$$, NULL),
  (18, 'discovery_documents', 'services', 'jsonb', true, $$'[]'$$, NULL),
  (19, 'discovery_documents', 'assumptions', 'jsonb', true, $$'[]'$$, NULL),
  (20, 'discovery_documents', 'clarifications_needed', 'jsonb', true, $$'[]'$$, NULL),
  (21, 'discovery_documents', 'risk_factors', 'jsonb', true, $$'[]'$$, NULL),
  (22, 'discovery_documents', 'created_at', 'timestamp with time zone', true, 'now()', NULL),
  (23, 'discovery_documents', 'updated_at', 'timestamp with time zone', true, 'now()', NULL),
  (24, 'masterplans', 'masterplan_id', 'uuid', true, NULL, NULL),
  (25, 'masterplans', 'discovery_id', 'uuid', true, NULL, NULL),
  (26, 'masterplans', 'session_id', 'character varying(100)', true, NULL, $$''$$),
  (27, 'masterplans', 'user_id', 'text', true, NULL, $$'unknown'$$),
  (28, 'masterplans', 'project_name', 'character varying(200)', true, NULL, $$''$$),
  (29, 'masterplans', 'description', 'text', false, NULL, NULL),
  (30, 'masterplans', 'status', 'masterplan_status', true, $$'draft'$$, NULL),
  (31, 'masterplans', 'tech_stack', 'jsonb', true, $$'{}'$$, NULL),
  (32, 'masterplans', 'architecture_style', 'character varying(100)', false, NULL, NULL),
  (33, 'masterplans', 'total_phases', 'integer', true, '0', NULL),
  (34, 'masterplans', 'total_milestones', 'integer', true, '0', NULL),
  (35, 'masterplans', 'total_tasks', 'integer', true, '0', NULL),
  (36, 'masterplans', 'total_subtasks', 'integer', true, '0', NULL),
  (37, 'masterplans', 'completed_tasks', 'integer', true, '0', NULL),
  (38, 'masterplans', 'failed_tasks', 'integer', true, '0', NULL),
  (39, 'masterplans', 'skipped_tasks', 'integer', true, '0', NULL),
  (40, 'masterplans', 'progress_percent', 'double precision', true, '0', NULL),
  (41, 'masterplans', 'estimated_cost_usd', 'double precision', false, NULL, NULL),
  (42, 'masterplans', 'actual_cost_usd', 'double precision', true, '0', NULL),
  (43, 'masterplans', 'estimated_duration_minutes', 'integer', false, NULL, NULL),
  (44, 'masterplans', 'actual_duration_minutes', 'integer', false, NULL, NULL),
  (45, 'masterplans', 'llm_model', 'character varying(100)', false, NULL, NULL),
  (46, 'masterplans', 'generation_cost_usd', 'double precision', false, NULL, NULL),
  (47, 'masterplans', 'generation_tokens', 'integer', false, NULL, NULL),
  (48, 'masterplans', 'version', 'integer', true, '1', NULL),
  (49, 'masterplans', 'created_at', 'timestamp with time zone', true, 'now()', NULL),
  (50, 'masterplans', 'updated_at', 'timestamp with time zone', true, 'now()', NULL),
  (51, 'masterplans', 'approved_at', 'timestamp with time zone', false, NULL, NULL),
  (52, 'masterplans', 'started_at', 'timestamp with time zone', false, NULL, NULL),
  (53, 'masterplans', 'completed_at', 'timestamp with time zone', false, NULL, NULL),
  (54, 'masterplans', 'v2_mode', 'boolean', true, 'true', NULL),
  (55, 'masterplans', 'atomization_config', 'jsonb', false, NULL, NULL),
  (56, 'masterplans', 'graph_id', 'uuid', false, NULL, NULL),
  (57, 'masterplans', 'total_atoms', 'integer', true, '0', NULL),
  (58, 'masterplans', 'total_waves', 'integer', true, '0', NULL),
  (59, 'masterplans', 'max_parallelism', 'integer', true, '0', NULL),
  (60, 'masterplans', 'precision_percent', 'double precision', false, NULL, NULL),
  (61, 'masterplans', 'planning_status', 'planning_status', true, $$'ready'$$, NULL),
  (62, 'masterplans', 'planning_error', 'jsonb', false, NULL, NULL),
  (63, 'masterplans', 'provider', 'character varying(50)', false, NULL, NULL),
  (64, 'masterplans', 'config', 'jsonb', true, $$'{}'$$, NULL),
  (65, 'masterplans', 'plan_notes', 'jsonb', true, $$'{}'$$, NULL),
  (66, 'masterplans', 'deleted_at', 'timestamp with time zone', false, NULL, NULL),
  (67, 'masterplan_phases', 'phase_id', 'uuid', true, NULL, NULL),
  (68, 'masterplan_phases', 'masterplan_id', 'uuid', true, NULL, NULL),
  (69, 'masterplan_phases', 'phase_type', 'phase_type', true, NULL, NULL),
  (70, 'masterplan_phases', 'phase_number', 'integer', true, NULL, NULL),
  (71, 'masterplan_phases', 'name', 'character varying(200)', true, NULL, $$''$$),
  (72, 'masterplan_phases', 'description', 'text', false, NULL, NULL),
  (73, 'masterplan_phases', 'created_at', 'timestamp with time zone', true, 'now()', NULL),
  (74, 'masterplan_milestones', 'milestone_id', 'uuid', true, NULL, NULL),
  (75, 'masterplan_milestones', 'phase_id', 'uuid', true, NULL, NULL),
  (76, 'masterplan_milestones', 'milestone_number', 'integer', true, NULL, NULL),
  (77, 'masterplan_milestones', 'name', 'character varying(200)', true, NULL, $$''$$),
  (78, 'masterplan_milestones', 'description', 'text', false, NULL, NULL),
  (79, 'masterplan_milestones', 'created_at', 'timestamp with time zone', true, 'now()', NULL),
  (80, 'masterplan_tasks', 'task_id', 'uuid', true, NULL, NULL),
  (81, 'masterplan_tasks', 'masterplan_id', 'uuid', true, NULL, NULL),
  (82, 'masterplan_tasks', 'phase_id', 'uuid', false, NULL, NULL),
  (83, 'masterplan_tasks', 'milestone_id', 'uuid', true, NULL, NULL),
  (84, 'masterplan_tasks', 'task_number', 'integer', true, NULL, NULL),
  (85, 'masterplan_tasks', 'name', 'character varying(300)', true, NULL, $$''$$),
  (86, 'masterplan_tasks', 'description', 'text', true, NULL, $$''$$),
  (87, 'masterplan_tasks', 'complexity', 'task_complexity', true, $$'medium'$$, NULL),
  (88, 'masterplan_tasks', 'task_type', 'character varying(100)', false, NULL, NULL),
  (89, 'masterplan_tasks', 'depends_on_tasks', 'jsonb', true, $$'[]'$$, NULL),
  (90, 'masterplan_tasks', 'blocks_tasks', 'jsonb', true, $$'[]'$$, NULL),
  (91, 'masterplan_tasks', 'status', 'task_status', true, $$'pending'$$, NULL),
  (92, 'masterplan_tasks', 'target_files', 'jsonb', true, $$'[]'$$, NULL),
  (93, 'masterplan_tasks', 'modified_files', 'jsonb', true, $$'[]'$$, NULL),
  (94, 'masterplan_tasks', 'llm_model', 'character varying(100)', false, NULL, NULL),
  (95, 'masterplan_tasks', 'llm_prompt', 'text', false, NULL, NULL),
  (96, 'masterplan_tasks', 'llm_response', 'text', false, NULL, NULL),
  (97, 'masterplan_tasks', 'llm_cost_usd', 'double precision', false, NULL, NULL),
  (98, 'masterplan_tasks', 'llm_tokens_in', 'integer', false, NULL, NULL),
  (99, 'masterplan_tasks', 'llm_tokens_out', 'integer', false, NULL, NULL),
  (100, 'masterplan_tasks', 'llm_cached', 'boolean', true, 'false', NULL),
  (101, 'masterplan_tasks', 'validation_passed', 'boolean', false, NULL, NULL),
  (102, 'masterplan_tasks', 'validation_errors', 'jsonb', false, NULL, NULL),
  (103, 'masterplan_tasks', 'validation_logs', 'text', false, NULL, NULL),
  (104, 'masterplan_tasks', 'retry_count', 'integer', true, '0', NULL),
  (105, 'masterplan_tasks', 'max_retries', 'integer', true, '1', NULL),
  (106, 'masterplan_tasks', 'last_error', 'text', false, NULL, NULL),
  (107, 'masterplan_tasks', 'created_at', 'timestamp with time zone', true, 'now()', NULL),
  (108, 'masterplan_tasks', 'updated_at', 'timestamp with time zone', true, 'now()', NULL),
  (109, 'masterplan_tasks', 'started_at', 'timestamp with time zone', false, NULL, NULL),
  (110, 'masterplan_tasks', 'completed_at', 'timestamp with time zone', false, NULL, NULL),
  (111, 'masterplan_tasks', 'file_path', 'character varying(1000)', false, NULL, NULL),
  (112, 'masterplan_tasks', 'language', 'character varying(50)', false, NULL, NULL),
  (113, 'masterplan_tasks', 'draft_bytes', 'bytea', false, NULL, NULL),
  (114, 'masterplan_tasks', 'decomposed_sha256', 'character varying(64)', false, NULL, NULL),
  (115, 'masterplan_tasks', 'requirement_priority', 'requirement_priority', true, $$'must'$$, NULL),
  (116, 'masterplan_tasks', 'acceptance_criteria', 'jsonb', true, $$'[]'$$, NULL),
  (117, 'masterplan_subtasks', 'subtask_id', 'uuid', true, NULL, NULL),
  (118, 'masterplan_subtasks', 'task_id', 'uuid', true, NULL, NULL),
  (119, 'masterplan_subtasks', 'subtask_number', 'integer', true, NULL, NULL),
  (120, 'masterplan_subtasks', 'name', 'character varying(300)', true, NULL, $$''$$),
  (121, 'masterplan_subtasks', 'description', 'text', false, NULL, NULL),
  (122, 'masterplan_subtasks', 'status', 'task_status', true, $$'pending'$$, NULL),
  (123, 'masterplan_subtasks', 'completed', 'boolean', true, 'false', NULL),
  (124, 'masterplan_subtasks', 'created_at', 'timestamp with time zone', true, 'now()', NULL);

-- Bring the tables to that shape: one rewrite per table at most.
DO $$
DECLARE
  v_table name;
  v_key name;
  v_adopted boolean;
  v_has_rows boolean;
  v_has_nulls boolean;
  v_column record;
  v_enum boolean;
  v_change boolean;
  v_fill text;
  v_value text;
  v_back text;
  v_unknown text;
  v_changed smallint[];
  v_clauses text[];
  v_object record;
BEGIN
  SET CONSTRAINTS ALL IMMEDIATE;
  FOR v_table, v_key IN
    SELECT s.table_name, (array_agg(s.column_name ORDER BY s.position))[1] FROM mge_shape s GROUP BY 1 ORDER BY min(s.position)
  LOOP
    v_adopted := EXISTS (SELECT FROM mge_adopted WHERE revision = '001' AND kind = 'table' AND object_name = v_table);
    v_changed := '{}';
    v_clauses := '{}';
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', v_table) INTO v_has_rows;
    IF v_adopted THEN
      EXECUTE format('INSERT INTO mge_adopted_rows SELECT %L, %I FROM %I', v_table, v_key, v_table);
    END IF;

    FOR v_column IN
      SELECT s.column_name AS name, s.type, s.required, s.standard, coalesce(s.fill, s.standard) AS fill, a.attnum,
        format_type(a.atttypid, a.atttypmod) AS found, a.atttypid AS found_type, a.attnotnull AS found_required,
        pg_get_expr(d.adbin, d.adrelid) AS found_standard
      FROM mge_shape s
      LEFT JOIN pg_attribute a ON a.attrelid = format('%I', v_table)::regclass AND a.attname = s.column_name
        AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE s.table_name = v_table
      ORDER BY s.position
    LOOP
      IF v_column.attnum IS NULL THEN
        IF v_column.required AND v_column.fill IS NULL AND v_has_rows THEN
          RAISE EXCEPTION 'table % holds rows but has no column %: this is not the table of an MVP database', v_table, v_column.name;
        END IF;
        v_clauses := v_clauses || format('ADD COLUMN %I %s%s%s', v_column.name, v_column.type,
          CASE WHEN v_column.required THEN ' NOT NULL' ELSE '' END, coalesce(' DEFAULT ' || v_column.fill, ''));
        INSERT INTO mge_adopted (revision, kind, table_name, object_name, details)
        VALUES ('002', 'column_added', v_table, v_column.name,
                jsonb_build_object('drop_default', v_column.standard IS NULL AND v_column.fill IS NOT NULL));
        CONTINUE;
      END IF;
      CONTINUE WHEN NOT v_adopted;

      -- Text that is wider than ours stays as it is: nothing is gained by making it narrower.
      v_change := v_column.found <> v_column.type AND NOT (
        v_column.type LIKE 'character varying(%' AND (
          v_column.found IN ('text', 'character varying', 'citext')
          OR v_column.found LIKE 'character varying(%'
            AND substring(v_column.found FROM '\d+')::integer >= substring(v_column.type FROM '\d+')::integer));
      IF v_change AND v_column.type = 'uuid' THEN
        RAISE EXCEPTION 'column %.% is of type %, not uuid: this is not the table of an MVP database',
          v_table, v_column.name, v_column.found;
      END IF;
      v_enum := v_change AND EXISTS (SELECT FROM pg_type WHERE oid = to_regtype(v_column.type) AND typtype = 'e');

      -- How a value of the old type becomes one of the new, and ({} stands for the value) the other way round.
      v_value := format('%I', v_column.name);
      v_back := '{}';
      IF v_enum THEN
        EXECUTE format(
          'SELECT string_agg(DISTINCT %1$I::text, '', '') FROM %2$I
           WHERE NOT lower(%1$I::text) = ANY (enum_range(NULL::%3$s)::text[])', v_column.name, v_table, v_column.type)
        INTO v_unknown;
        IF v_unknown IS NOT NULL THEN
          RAISE EXCEPTION '%.% holds values that V2 does not know: %', v_table, v_column.name, v_unknown;
        END IF;
        v_value := format('lower(%I::text)::%s', v_column.name, v_column.type);
        SELECT format('(CASE {}::text %s END)::%s',
            string_agg(format('WHEN %L THEN %L', lower(e.enumlabel), e.enumlabel), ' ' ORDER BY e.enumsortorder), v_column.found)
        INTO v_back FROM pg_enum e WHERE e.enumtypid = v_column.found_type HAVING count(*) > 0;
        IF v_back IS NULL THEN
          EXECUTE format('SELECT CASE WHEN count(*) FILTER (WHERE %1$I = upper(%1$I)) * 2 > count(*)
                                 THEN ''upper({}::text)::%3$s'' ELSE ''{}::text::%3$s'' END FROM %2$I',
            v_column.name, v_table, v_column.found) INTO v_back;
        END IF;
      ELSIF v_change AND v_column.found LIKE 'timestamp%without time zone' THEN
        v_value := format('(%I AT TIME ZONE ''UTC'')', v_column.name);
        v_back := format('({} AT TIME ZONE ''UTC'')::%s', v_column.found);
      ELSIF v_change THEN
        v_value := format('%I::%s', v_column.name, v_column.type);
        v_back := format('{}::%s', v_column.found);
      END IF;

      -- Required values that are missing.
      v_has_nulls := false;
      IF v_column.required AND NOT v_column.found_required THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I IS NULL)', v_table, v_column.name) INTO v_has_nulls;
        IF v_has_nulls AND v_column.fill IS NULL THEN
          RAISE EXCEPTION '%.% is NULL in some rows, and nothing can stand for it', v_table, v_column.name;
        END IF;
      END IF;
      IF v_has_nulls THEN
        v_fill := format('(%s)::%s', v_column.fill, CASE WHEN v_change THEN v_column.type ELSE v_column.found END);
        v_value := format('coalesce(%s, %s)', v_value, v_fill);
      END IF;

      IF v_change OR v_has_nulls THEN
        BEGIN
          EXECUTE format(
            'INSERT INTO mge_adopted_values
             SELECT %1$L, %2$L, %3$I, %2$I::text, (%5$s)::text FROM %4$I WHERE (%6$s)::text IS DISTINCT FROM %2$I::text',
            v_table, v_column.name, v_key, v_table, v_value, replace(v_back, '{}', '(' || v_value || ')'));
        EXCEPTION WHEN untranslatable_character OR invalid_text_representation THEN
          RAISE EXCEPTION '%.% holds a value that % cannot hold: %', v_table, v_column.name, v_column.type, SQLERRM;
        END;
        v_changed := v_changed || v_column.attnum;
        IF v_column.found_standard IS NOT NULL THEN
          v_clauses := v_clauses || format('ALTER COLUMN %I DROP DEFAULT', v_column.name);
        END IF;
        v_clauses := v_clauses || format('ALTER COLUMN %I TYPE %s USING %s', v_column.name,
          CASE WHEN v_change THEN v_column.type ELSE v_column.found END, v_value);
      END IF;
      IF v_column.standard IS NOT NULL THEN
        v_clauses := v_clauses || format('ALTER COLUMN %I SET DEFAULT %s', v_column.name, v_column.standard);
      END IF;
      IF v_column.required <> v_column.found_required THEN
        v_clauses := v_clauses || format('ALTER COLUMN %I %s NOT NULL', v_column.name,
          CASE WHEN v_column.required THEN 'SET' ELSE 'DROP' END);
      END IF;
      INSERT INTO mge_adopted (revision, kind, table_name, object_name, definition, details)
      VALUES ('002', 'column', v_table, v_column.name, CASE WHEN v_change THEN v_back END,
              jsonb_build_object('type', v_column.found, 'required', v_column.found_required, 'default', v_column.found_standard));
    END LOOP;

    -- Columns that V2 does not know must not stop it from writing rows.
    IF v_adopted THEN
      FOR v_column IN
        SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS found
        FROM pg_attribute a
        WHERE a.attrelid = format('%I', v_table)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
          AND NOT a.atthasdef AND a.attidentity = ''
          AND NOT EXISTS (SELECT FROM mge_shape s WHERE s.table_name = v_table AND s.column_name = a.attname)
      LOOP
        v_clauses := v_clauses || format('ALTER COLUMN %I DROP NOT NULL', v_column.name);
        INSERT INTO mge_adopted (revision, kind, table_name, object_name, details)
        VALUES ('002', 'column', v_table, v_column.name,
                jsonb_build_object('type', v_column.found, 'required', true, 'default', NULL));
      END LOOP;
    END IF;

    -- Constraints and indexes that hold on to a column whose type changes (the foreign key to users among them).
    FOR v_object IN
      SELECT c.conrelid::regclass::text AS table_name, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
      FROM pg_constraint c
      WHERE c.contype IN ('f', 'c') AND c.conrelid = format('%I', v_table)::regclass AND c.conkey && v_changed
    LOOP
      INSERT INTO mge_adopted (revision, kind, table_name, object_name, definition)
      VALUES ('002', 'constraint', v_table, v_object.name, v_object.definition);
      EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', v_table, v_object.name);
    END LOOP;
    FOR v_object IN
      SELECT DISTINCT i.indexrelid, c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
      JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid
      WHERE i.indrelid = format('%I', v_table)::regclass AND d.refobjsubid = ANY (v_changed)
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
    LOOP
      INSERT INTO mge_adopted (revision, kind, table_name, object_name, definition)
      VALUES ('002', 'index', v_table, v_object.name, v_object.definition);
      EXECUTE format('DROP INDEX %I', v_object.name);
    END LOOP;

    IF v_clauses <> '{}' THEN
      EXECUTE format('ALTER TABLE %I %s', v_table, array_to_string(v_clauses, ', '));
    END IF;
    FOR v_column IN
      SELECT object_name AS name FROM mge_adopted
      WHERE revision = '002' AND kind = 'column_added' AND table_name = v_table AND (details->>'drop_default')::boolean
    LOOP
      EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP DEFAULT', v_table, v_column.name);
    END LOOP;
  END LOOP;
END
$$;

-- The parts of a plan belong to it: where an adopted table does not say so, or says it otherwise, it is told.
DO $$
DECLARE
  v_key record;
  v_old record;
  v_orphans bigint;
BEGIN
  FOR v_key IN
    SELECT * FROM (VALUES
      ('masterplans', 'discovery_id', 'discovery_documents', 'discovery_id'),
      ('masterplan_phases', 'masterplan_id', 'masterplans', 'masterplan_id'),
      ('masterplan_milestones', 'phase_id', 'masterplan_phases', 'phase_id'),
      ('masterplan_tasks', 'masterplan_id', 'masterplans', 'masterplan_id'),
      ('masterplan_tasks', 'phase_id', 'masterplan_phases', 'phase_id'),
      ('masterplan_tasks', 'milestone_id', 'masterplan_milestones', 'milestone_id'),
      ('masterplan_subtasks', 'task_id', 'masterplan_tasks', 'task_id')
    ) AS keys (child, child_column, parent, parent_column)
  LOOP
    FOR v_old IN
      SELECT c.conname AS name, c.confdeltype AS on_delete, pg_get_constraintdef(c.oid) AS definition
      FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
      WHERE c.contype = 'f' AND c.conrelid = format('%I', v_key.child)::regclass AND a.attname = v_key.child_column
    LOOP
      CONTINUE WHEN v_old.on_delete = 'c';
      INSERT INTO mge_adopted (revision, kind, table_name, object_name, definition)
      VALUES ('002', 'constraint', v_key.child, v_old.name, v_old.definition);
      EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', v_key.child, v_old.name);
    END LOOP;
    CONTINUE WHEN EXISTS (
      SELECT FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
      WHERE c.contype = 'f' AND c.conrelid = format('%I', v_key.child)::regclass AND a.attname = v_key.child_column);
    EXECUTE format('SELECT count(*) FROM %I c WHERE c.%I IS NOT NULL AND NOT EXISTS (SELECT FROM %I p WHERE p.%I = c.%2$I)',
      v_key.child, v_key.child_column, v_key.parent, v_key.parent_column) INTO v_orphans;
    IF v_orphans > 0 THEN
      RAISE EXCEPTION '% rows of % name a % that is not in %: mend them first', v_orphans, v_key.child, v_key.child_column, v_key.parent;
    END IF;
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %I (%I) ON DELETE CASCADE',
      v_key.child, format('fk_mge_%s_%s', v_key.child, v_key.child_column), v_key.child_column, v_key.parent, v_key.parent_column);
    INSERT INTO mge_adopted (revision, kind, table_name, object_name)
    VALUES ('002', 'constraint_added', v_key.child, format('fk_mge_%s_%s', v_key.child, v_key.child_column));
  END LOOP;
END
$$;

-- Indexes that V2's queries and cascades need.
CREATE INDEX ix_masterplans_user ON masterplans (user_id, created_at, masterplan_id);
CREATE INDEX ix_masterplans_discovery ON masterplans (discovery_id);
CREATE INDEX ix_masterplans_graph ON masterplans (graph_id);
CREATE INDEX ix_masterplans_v2_mode ON masterplans (v2_mode);
CREATE INDEX ix_tasks_masterplan ON masterplan_tasks (masterplan_id, task_number);
CREATE INDEX ix_tasks_milestone ON masterplan_tasks (milestone_id, task_number);
CREATE INDEX ix_tasks_phase ON masterplan_tasks (phase_id);
CREATE INDEX ix_tasks_status ON masterplan_tasks (status);
CREATE INDEX ix_phases_masterplan ON masterplan_phases (masterplan_id);
CREATE INDEX ix_milestones_phase ON masterplan_milestones (phase_id);
CREATE INDEX ix_subtasks_task ON masterplan_subtasks (task_id);

-- The seven tables. `from` depends on `to`: the dependency comes first.

CREATE TABLE dependency_graphs (
  graph_id uuid PRIMARY KEY,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  graph_data jsonb NOT NULL,
  source_sha256 varchar(64) NOT NULL,
  total_atoms integer NOT NULL,
  total_edges integer NOT NULL,
  total_waves integer NOT NULL,
  max_parallelism integer NOT NULL,
  has_cycles boolean NOT NULL,
  topological_order uuid[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_graphs_masterplan ON dependency_graphs (masterplan_id);

CREATE TABLE atomic_units (
  atom_id uuid PRIMARY KEY,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  task_id uuid REFERENCES masterplan_tasks (task_id) ON DELETE SET NULL,
  atom_number integer NOT NULL,
  file_ordinal integer NOT NULL,
  name varchar(1000) NOT NULL,
  description text NOT NULL,
  role varchar(30) NOT NULL,
  symbol_path text NOT NULL DEFAULT '',
  parent_atom_id uuid REFERENCES atomic_units (atom_id) ON DELETE SET NULL,
  code_to_generate text NOT NULL,
  code_bytes bytea,
  file_path varchar(1000) NOT NULL,
  line_start integer NOT NULL,
  line_end integer NOT NULL,
  start_byte integer NOT NULL,
  end_byte integer NOT NULL,
  language varchar(50) NOT NULL,
  loc integer NOT NULL,
  estimated_loc integer GENERATED ALWAYS AS (loc) STORED,
  complexity double precision NOT NULL,
  imports jsonb,
  type_schema jsonb,
  preconditions jsonb,
  postconditions jsonb,
  test_cases jsonb,
  context_json jsonb NOT NULL,
  context_completeness double precision NOT NULL,
  atomicity_score double precision NOT NULL,
  atomicity_violations jsonb NOT NULL DEFAULT '[]',
  is_atomic boolean NOT NULL,
  status atom_status NOT NULL DEFAULT 'PENDING',
  wave_number integer,
  attempts integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL DEFAULT 4,
  unmet_dependencies integer NOT NULL DEFAULT 0,
  critical_path double precision NOT NULL DEFAULT 0,
  claim_token uuid,
  claimed_by varchar(200),
  lease_until timestamptz,
  accepted_code text,
  accepted_bytes bytea,
  accepted_sha256 varchar(64),
  accepted_provider varchar(50),
  accepted_model varchar(100),
  accepted_by text,
  execution_result text,
  error_message text,
  confidence_score double precision,
  needs_review boolean NOT NULL DEFAULT false,
  review_priority integer,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  completed_at timestamptz,
  CONSTRAINT uq_atoms_masterplan_number UNIQUE (masterplan_id, atom_number) DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 40);
-- No index holds status, lease or confidence: an atom changes state several times, and only updates that touch no index stay
-- inside their page; the free part of each page is for them. What is in flight is in atom_queue.
CREATE INDEX ix_atoms_masterplan_file ON atomic_units (masterplan_id, file_path, file_ordinal);
CREATE INDEX ix_atoms_task ON atomic_units (task_id);
CREATE INDEX ix_atoms_parent ON atomic_units (parent_atom_id);
CREATE INDEX ix_atoms_masterplan_wave ON atomic_units (masterplan_id, wave_number);
CREATE INDEX ix_atoms_needs_review ON atomic_units (masterplan_id) WHERE needs_review;

CREATE TABLE atom_dependencies (
  dependency_id uuid PRIMARY KEY,
  graph_id uuid NOT NULL REFERENCES dependency_graphs (graph_id) ON DELETE CASCADE,
  from_atom_id uuid NOT NULL REFERENCES atomic_units (atom_id) ON DELETE CASCADE,
  to_atom_id uuid NOT NULL REFERENCES atomic_units (atom_id) ON DELETE CASCADE,
  dependency_type dependency_type NOT NULL,
  strength double precision NOT NULL DEFAULT 1,
  metadata jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_dependencies_pair_type UNIQUE (from_atom_id, to_atom_id, dependency_type)
);
CREATE INDEX ix_dependencies_graph ON atom_dependencies (graph_id);
CREATE INDEX ix_dependencies_to ON atom_dependencies (to_atom_id);
CREATE INDEX ix_dependencies_type ON atom_dependencies (dependency_type);

CREATE TABLE validation_results (
  validation_id uuid PRIMARY KEY,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  execution_id uuid,
  atom_id uuid REFERENCES atomic_units (atom_id) ON DELETE CASCADE,
  scope text NOT NULL,
  attempt_number integer,
  validation_level validation_level NOT NULL,
  level_number integer NOT NULL,
  test_type varchar(100) NOT NULL,
  outcome varchar(10) NOT NULL,
  passed boolean NOT NULL,
  reason text,
  test_output text,
  error_details jsonb,
  execution_time_ms integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_validations_atom_level ON validation_results (atom_id, validation_level);
CREATE INDEX ix_validations_masterplan ON validation_results (masterplan_id, level_number, created_at);
CREATE INDEX ix_validations_passed ON validation_results (passed);

CREATE TABLE execution_waves (
  wave_id uuid PRIMARY KEY,
  graph_id uuid NOT NULL REFERENCES dependency_graphs (graph_id) ON DELETE CASCADE,
  wave_number integer NOT NULL,
  atom_ids uuid[] NOT NULL,
  total_atoms integer NOT NULL,
  completed_atoms integer NOT NULL DEFAULT 0,
  failed_atoms integer NOT NULL DEFAULT 0,
  status wave_status NOT NULL DEFAULT 'PENDING',
  started_at timestamptz,
  completed_at timestamptz,
  duration_seconds integer,
  CONSTRAINT uq_waves_graph_number UNIQUE (graph_id, wave_number)
);
CREATE INDEX ix_waves_status ON execution_waves (status);

CREATE TABLE atom_retry_history (
  retry_id uuid PRIMARY KEY,
  atom_id uuid NOT NULL REFERENCES atomic_units (atom_id) ON DELETE CASCADE,
  execution_id uuid,
  attempt_number integer NOT NULL,
  temperature double precision NOT NULL,
  provider varchar(50) NOT NULL,
  model varchar(100),
  prompt_variation text,
  candidate_sha256 varchar(64),
  error_analysis jsonb,
  success boolean NOT NULL,
  execution_result text,
  error_message text,
  tokens_used integer NOT NULL DEFAULT 0,
  cost_usd double precision NOT NULL DEFAULT 0,
  duration_ms integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_attempts_atom_number UNIQUE (atom_id, attempt_number)
);
CREATE INDEX ix_attempts_execution ON atom_retry_history (execution_id);
CREATE INDEX ix_attempts_success ON atom_retry_history (success) WHERE NOT success;

CREATE TABLE human_review_queue (
  review_id uuid PRIMARY KEY,
  atom_id uuid NOT NULL REFERENCES atomic_units (atom_id) ON DELETE CASCADE,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  confidence_score double precision NOT NULL,
  confidence_parts jsonb NOT NULL DEFAULT '{}',
  flagged_reason text NOT NULL,
  ai_suggestions jsonb NOT NULL DEFAULT '{}',
  priority integer NOT NULL DEFAULT 5,
  status review_status NOT NULL DEFAULT 'PENDING',
  assigned_to text,
  lease_until timestamptz,
  reviewer_feedback text,
  resolution review_resolution,
  edited_code text,
  regenerations integer NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  assigned_at timestamptz,
  reviewed_at timestamptz
);
CREATE UNIQUE INDEX uq_reviews_atom ON human_review_queue (atom_id);
CREATE INDEX ix_reviews_queue ON human_review_queue (status, priority, confidence_score);
CREATE INDEX ix_reviews_assigned ON human_review_queue (assigned_to);
CREATE INDEX ix_reviews_masterplan ON human_review_queue (masterplan_id, status);

ALTER TABLE masterplans
  ADD CONSTRAINT fk_masterplans_graph FOREIGN KEY (graph_id) REFERENCES dependency_graphs (graph_id) ON DELETE SET NULL;

-- What the engine and the API keep.

CREATE TABLE executions (
  execution_id uuid PRIMARY KEY,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  graph_id uuid NOT NULL REFERENCES dependency_graphs (graph_id) ON DELETE CASCADE,
  status varchar(20) NOT NULL,
  paused_reason text,
  wave_limit integer,
  provider varchar(50) NOT NULL,
  model varchar(100),
  seed bigint NOT NULL DEFAULT 0,
  concurrency integer NOT NULL,
  max_attempts integer NOT NULL,
  config jsonb NOT NULL DEFAULT '{}',
  precision jsonb,
  precision_percent double precision,
  started_by text NOT NULL,
  active_seconds double precision NOT NULL DEFAULT 0,
  running_since timestamptz,
  traceparent varchar(100),
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  completed_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_executions_active ON executions (masterplan_id) WHERE status in ('queued','running','paused','waiting');
CREATE INDEX ix_executions_masterplan ON executions (masterplan_id, created_at);
CREATE INDEX ix_executions_created ON executions (created_at);
CREATE INDEX ix_executions_graph ON executions (graph_id);

-- What is in flight: one row per atom from the moment it is ready until it is accepted or given up. No foreign keys: rows live
-- for seconds and are written thousands of times a second; the reconciler removes those of deleted masterplans.
CREATE TABLE atom_queue (
  atom_id uuid PRIMARY KEY,
  execution_id uuid NOT NULL,
  wave_number integer NOT NULL,
  atom_number integer NOT NULL,
  priority double precision NOT NULL,
  state varchar(10) NOT NULL DEFAULT 'ready',
  deliveries integer NOT NULL DEFAULT 0,
  postponements integer NOT NULL DEFAULT 0,
  available_at timestamptz NOT NULL DEFAULT now(),
  claim_token uuid,
  claimed_by varchar(200),
  lease_until timestamptz
) WITH (fillfactor = 50);
CREATE INDEX ix_atom_queue_ready ON atom_queue (execution_id, priority DESC, atom_number) WHERE state = 'ready';
CREATE INDEX ix_atom_queue_running ON atom_queue (execution_id, lease_until) WHERE state = 'running';

CREATE TABLE stage_jobs (
  job_id uuid PRIMARY KEY,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  kind varchar(20) NOT NULL,
  input jsonb,
  input_key varchar(64) NOT NULL DEFAULT '',
  status varchar(20) NOT NULL,
  progress jsonb,
  result jsonb,
  error jsonb,
  claim_token uuid,
  lease_until timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_stage_jobs_active ON stage_jobs (masterplan_id,kind,input_key) WHERE status in ('queued','running');
CREATE INDEX ix_stage_jobs_masterplan ON stage_jobs (masterplan_id, created_at);

CREATE TABLE cost_ledger (
  entry_id uuid PRIMARY KEY,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  execution_id uuid,
  atom_id uuid,
  attempt_number integer,
  operation varchar(30) NOT NULL,
  provider varchar(50) NOT NULL,
  model varchar(100),
  status varchar(10) NOT NULL,
  reserved_usd numeric(12, 6) NOT NULL,
  settled_usd numeric(12, 6),
  tokens_in integer,
  tokens_out integer,
  request_key varchar(64),
  answer bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz
);
CREATE INDEX ix_ledger_request ON cost_ledger (masterplan_id, request_key);
CREATE INDEX ix_ledger_masterplan ON cost_ledger (masterplan_id, status);
CREATE INDEX ix_ledger_execution ON cost_ledger (execution_id);
CREATE INDEX ix_ledger_atom ON cost_ledger (atom_id);

CREATE TABLE execution_events (
  event_id bigserial PRIMARY KEY,
  masterplan_id uuid NOT NULL REFERENCES masterplans (masterplan_id) ON DELETE CASCADE,
  execution_id uuid,
  type varchar(50) NOT NULL,
  data jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_events_execution ON execution_events (execution_id, event_id);
CREATE INDEX ix_events_masterplan ON execution_events (masterplan_id, event_id);

CREATE TABLE idempotency_keys (
  scope text NOT NULL,
  key varchar(255) NOT NULL,
  body_sha256 varchar(64) NOT NULL,
  status varchar(12) NOT NULL,
  response_status integer,
  response_body jsonb,
  response_headers jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (scope, key)
);
CREATE INDEX ix_idempotency_expires ON idempotency_keys (expires_at);

CREATE TABLE audit_log (
  audit_id bigserial PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action varchar(100) NOT NULL,
  subject text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ix_audit_at ON audit_log (at);

CREATE TABLE system_state (
  key varchar(100) PRIMARY KEY,
  value jsonb NOT NULL,
  updated_by text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_activity (
  user_id text NOT NULL,
  hour timestamptz NOT NULL,
  requests integer NOT NULL,
  last_seen_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, hour)
);
CREATE INDEX ix_activity_last_seen ON user_activity (last_seen_at);

-- Plans that V2 made and that an earlier way back put aside: they return, to be decomposed again.
DO $$
DECLARE
  v_table name;
BEGIN
  IF to_regclass('mge_parked') IS NULL THEN
    RETURN;
  END IF;
  FOREACH v_table IN ARRAY ARRAY['users', 'discovery_documents', 'masterplans', 'masterplan_phases', 'masterplan_milestones',
                                 'masterplan_tasks', 'masterplan_subtasks']::name[]
  LOOP
    EXECUTE format(
      'INSERT INTO %1$I SELECT (jsonb_populate_record(NULL::%1$I, p.content)).* FROM mge_parked p WHERE p.table_name = %1$L
       ON CONFLICT DO NOTHING', v_table);
  END LOOP;
  DROP TABLE mge_parked;
END
$$;
