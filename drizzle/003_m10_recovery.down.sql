-- Drops the schema with its tables and functions: open outbox events, locks, the replay log and archived dead letters are lost.
-- Stop workers first (or drain: `mge queue drain`), so that no event is open.

DROP FUNCTION m10_recovery.complete_outbox_event(bigint, text, text);
DROP FUNCTION m10_recovery.claim_outbox_events(text, integer, integer);
DROP FUNCTION m10_recovery.publish_outbox(text, uuid, text, jsonb);
DROP FUNCTION m10_recovery.archive_dead_letter(text, text, jsonb, text, integer);
DROP FUNCTION m10_recovery.record_replay(text, text, text);
DROP FUNCTION m10_recovery.cleanup_expired_locks();
DROP FUNCTION m10_recovery.release_lock(text, text);
DROP FUNCTION m10_recovery.extend_lock(text, text, integer);
DROP FUNCTION m10_recovery.acquire_lock(text, text, integer);
DROP TABLE m10_recovery.outbox, m10_recovery.dead_letter_archive, m10_recovery.replay_log, m10_recovery.distributed_locks;

-- The schema itself goes unless something else lives in it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'm10_recovery'::regnamespace)
    AND NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'm10_recovery'::regnamespace) THEN
    DROP SCHEMA m10_recovery;
  END IF;
END
$$;
