-- The V2 schema.

CREATE TYPE planning_status AS ENUM ('planning', 'ready', 'failed');
CREATE TYPE requirement_priority AS ENUM ('must', 'should', 'could');
CREATE TYPE atom_status AS ENUM ('PENDING', 'READY', 'RUNNING', 'COMPLETED', 'FAILED', 'BLOCKED', 'SKIPPED');
CREATE TYPE dependency_type AS ENUM ('IMPORT', 'DATA_FLOW', 'FUNCTION_CALL', 'TYPE', 'TEMPORAL');
CREATE TYPE validation_level AS ENUM ('ATOMIC', 'MODULE', 'COMPONENT', 'SYSTEM');
CREATE TYPE wave_status AS ENUM ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'PARTIAL');
CREATE TYPE review_status AS ENUM ('PENDING', 'IN_REVIEW', 'APPROVED', 'REJECTED', 'EDITED', 'REGENERATED');
CREATE TYPE review_resolution AS ENUM ('APPROVE', 'EDIT', 'REJECT', 'REGENERATE', 'SKIP');

ALTER TABLE masterplans
  ADD COLUMN v2_mode boolean NOT NULL DEFAULT true,
  ADD COLUMN atomization_config jsonb,
  ADD COLUMN graph_id uuid,
  ADD COLUMN total_atoms integer NOT NULL DEFAULT 0,
  ADD COLUMN total_waves integer NOT NULL DEFAULT 0,
  ADD COLUMN max_parallelism integer NOT NULL DEFAULT 0,
  ADD COLUMN precision_percent double precision,
  ADD COLUMN planning_status planning_status NOT NULL DEFAULT 'ready',
  ADD COLUMN planning_error jsonb,
  ADD COLUMN provider varchar(50),
  ADD COLUMN config jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN plan_notes jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN deleted_at timestamptz;

ALTER TABLE masterplan_tasks
  ADD COLUMN file_path varchar(1000),
  ADD COLUMN language varchar(50),
  ADD COLUMN draft_bytes bytea,
  ADD COLUMN decomposed_sha256 varchar(64),
  ADD COLUMN requirement_priority requirement_priority NOT NULL DEFAULT 'must',
  ADD COLUMN acceptance_criteria jsonb NOT NULL DEFAULT '[]';

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

-- The seven tables.

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
) WITH (fillfactor = 70);
-- No index holds status, lease or confidence: an atom changes state several times, and only updates that touch no index stay
-- inside their page. What is in flight is in atom_queue.
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
CREATE INDEX ix_attempts_success ON atom_retry_history (success);

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
CREATE UNIQUE INDEX uq_stage_jobs_active ON stage_jobs (masterplan_id,kind) WHERE status in ('queued','running');
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
  created_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz
);
CREATE INDEX ix_ledger_masterplan ON cost_ledger (masterplan_id, status);
CREATE INDEX ix_ledger_execution ON cost_ledger (execution_id);

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
