-- Takes the V2 parts out again.

DROP TABLE user_activity, system_state, audit_log, idempotency_keys, execution_events, cost_ledger, stage_jobs, executions;
ALTER TABLE masterplans DROP CONSTRAINT fk_masterplans_graph;
DROP TABLE human_review_queue, atom_retry_history, execution_waves, validation_results, atom_dependencies, atomic_units,
  dependency_graphs;
DROP INDEX ix_masterplans_user, ix_masterplans_graph, ix_masterplans_v2_mode, ix_tasks_masterplan, ix_tasks_milestone,
  ix_tasks_status, ix_tasks_phase, ix_masterplans_discovery, ix_phases_masterplan, ix_milestones_phase, ix_subtasks_task;
ALTER TABLE masterplan_tasks
  DROP COLUMN file_path, DROP COLUMN language, DROP COLUMN draft_bytes, DROP COLUMN decomposed_sha256,
  DROP COLUMN requirement_priority, DROP COLUMN acceptance_criteria;
ALTER TABLE masterplans
  DROP COLUMN v2_mode, DROP COLUMN atomization_config, DROP COLUMN graph_id, DROP COLUMN total_atoms, DROP COLUMN total_waves,
  DROP COLUMN max_parallelism, DROP COLUMN precision_percent, DROP COLUMN planning_status, DROP COLUMN planning_error,
  DROP COLUMN provider, DROP COLUMN config, DROP COLUMN plan_notes, DROP COLUMN deleted_at;
DROP TYPE planning_status, requirement_priority, atom_status, dependency_type, validation_level, wave_status, review_status,
  review_resolution;
