-- Schema m10_recovery: leases for leader election, an idempotent replay log, an archive of dead letters and the transactional
-- outbox, with the nine functions that operators and the engine call. Only adds: nothing that runs is locked or rewritten.
-- All decisions about time use the clock of the database, so that the clocks of the replicas do not matter.

CREATE SCHEMA IF NOT EXISTS m10_recovery;

CREATE TABLE m10_recovery.distributed_locks (
  lock_name varchar(200) PRIMARY KEY,
  holder_id varchar(200) NOT NULL,
  acquired_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);

CREATE TABLE m10_recovery.replay_log (
  replay_id bigserial PRIMARY KEY,
  original_msg_id varchar(200) NOT NULL,
  new_msg_id varchar(200),
  replayed_by text NOT NULL,
  replayed_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_replay_original UNIQUE (original_msg_id)
);

CREATE TABLE m10_recovery.dead_letter_archive (
  archive_id bigserial PRIMARY KEY,
  msg_id varchar(200) NOT NULL,
  queue_name varchar(100) NOT NULL,
  payload jsonb NOT NULL,
  reason text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  archived_at timestamptz NOT NULL DEFAULT now(),
  replayed_at timestamptz,
  CONSTRAINT uq_dead_letters_msg UNIQUE (msg_id)
);
CREATE INDEX ix_dead_letters_archived ON m10_recovery.dead_letter_archive (archived_at);

CREATE TABLE m10_recovery.outbox (
  event_id bigserial PRIMARY KEY,
  aggregate_type varchar(50) NOT NULL,
  aggregate_id uuid NOT NULL,
  event_type varchar(100) NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  claimed_until timestamptz,
  claimed_by varchar(200),
  processed_at timestamptz,
  retry_count integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  last_error text
);
CREATE INDEX ix_outbox_pending ON m10_recovery.outbox (next_attempt_at, event_id) WHERE processed_at IS NULL;

-- True when p_holder holds the lock from now on: it was free, had expired, or was already theirs (then it is renewed).
CREATE FUNCTION m10_recovery.acquire_lock(p_lock_name text, p_holder_id text, p_ttl_seconds integer)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF p_ttl_seconds IS NULL OR p_ttl_seconds <= 0 THEN
    RAISE EXCEPTION 'the time to live of lock "%" must be at least 1 second, not %', p_lock_name, p_ttl_seconds
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO m10_recovery.distributed_locks AS l (lock_name, holder_id, acquired_at, expires_at)
  VALUES (p_lock_name, p_holder_id, clock_timestamp(), clock_timestamp() + make_interval(secs => p_ttl_seconds))
  ON CONFLICT (lock_name) DO UPDATE SET
    acquired_at = CASE WHEN l.holder_id = excluded.holder_id AND l.expires_at > clock_timestamp()
                       THEN l.acquired_at ELSE clock_timestamp() END,
    holder_id = excluded.holder_id,
    expires_at = clock_timestamp() + make_interval(secs => p_ttl_seconds)
  WHERE l.holder_id = excluded.holder_id OR l.expires_at <= clock_timestamp();
  RETURN FOUND;
END
$$;

-- True when the lock is still held by p_holder and now expires p_ttl_seconds from now.
CREATE FUNCTION m10_recovery.extend_lock(p_lock_name text, p_holder_id text, p_ttl_seconds integer)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF p_ttl_seconds IS NULL OR p_ttl_seconds <= 0 THEN
    RAISE EXCEPTION 'the time to live of lock "%" must be at least 1 second, not %', p_lock_name, p_ttl_seconds
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE m10_recovery.distributed_locks
  SET expires_at = clock_timestamp() + make_interval(secs => p_ttl_seconds)
  WHERE lock_name = p_lock_name AND holder_id = p_holder_id AND expires_at > clock_timestamp();
  RETURN FOUND;
END
$$;

-- True when p_holder still held the lock; it is free afterwards. False when it had expired or is someone else's.
CREATE FUNCTION m10_recovery.release_lock(p_lock_name text, p_holder_id text)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_held boolean;
BEGIN
  DELETE FROM m10_recovery.distributed_locks
  WHERE lock_name = p_lock_name AND holder_id = p_holder_id
  RETURNING expires_at > clock_timestamp() INTO v_held;
  RETURN coalesce(v_held, false);
END
$$;

-- Removes locks that have expired; returns how many. A lock that is being renewed at this moment is left alone.
CREATE FUNCTION m10_recovery.cleanup_expired_locks()
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_count integer;
BEGIN
  DELETE FROM m10_recovery.distributed_locks
  WHERE lock_name IN (
    SELECT lock_name FROM m10_recovery.distributed_locks WHERE expires_at <= clock_timestamp() FOR UPDATE SKIP LOCKED
  );
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$$;

-- True for the first replay of a message, false for every further one: whoever gets true may replay it.
-- To be called in the transaction that publishes the message again.
CREATE FUNCTION m10_recovery.record_replay(p_original_msg_id text, p_replayed_by text, p_new_msg_id text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO m10_recovery.replay_log (original_msg_id, new_msg_id, replayed_by)
  VALUES (p_original_msg_id, p_new_msg_id, p_replayed_by)
  ON CONFLICT (original_msg_id) DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE m10_recovery.dead_letter_archive SET replayed_at = clock_timestamp() WHERE msg_id = p_original_msg_id;
  RETURN true;
END
$$;

-- Keeps a message that was given up, before its queue forgets it. Archiving the same message again keeps one row with the
-- latest reason. Returns the id in the archive.
CREATE FUNCTION m10_recovery.archive_dead_letter(
  p_msg_id text, p_queue_name text, p_payload jsonb, p_reason text, p_attempts integer DEFAULT 0
) RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO m10_recovery.dead_letter_archive AS d (msg_id, queue_name, payload, reason, attempts)
  VALUES (p_msg_id, p_queue_name, p_payload, p_reason, coalesce(p_attempts, 0))
  ON CONFLICT (msg_id) DO UPDATE SET reason = excluded.reason, attempts = greatest(d.attempts, excluded.attempts)
  RETURNING archive_id;
$$;

-- Writes an event that the relay will deliver if, and only if, the surrounding transaction commits. Rings the channel
-- mge_outbox (at commit, once per event type and transaction). Returns the id of the event.
CREATE FUNCTION m10_recovery.publish_outbox(
  p_aggregate_type text, p_aggregate_id uuid, p_event_type text, p_payload jsonb DEFAULT '{}'
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_event_id bigint;
BEGIN
  INSERT INTO m10_recovery.outbox (aggregate_type, aggregate_id, event_type, payload)
  VALUES (p_aggregate_type, p_aggregate_id, p_event_type, coalesce(p_payload, '{}'))
  RETURNING event_id INTO v_event_id;
  PERFORM pg_notify('mge_outbox', p_event_type);
  RETURN v_event_id;
END
$$;

-- Leases up to p_limit due events to p_claimer, oldest first. Two relays never get the same event; an event whose lease ran
-- out (its relay died) is given out again.
CREATE FUNCTION m10_recovery.claim_outbox_events(
  p_claimer text, p_limit integer DEFAULT 100, p_lease_seconds integer DEFAULT 30
) RETURNS SETOF m10_recovery.outbox LANGUAGE sql AS $$
  WITH due AS (
    SELECT event_id
    FROM m10_recovery.outbox
    WHERE processed_at IS NULL AND next_attempt_at <= clock_timestamp()
      AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
    ORDER BY next_attempt_at, event_id
    LIMIT p_limit
    FOR UPDATE SKIP LOCKED
  ), claimed AS (
    UPDATE m10_recovery.outbox o
    SET claimed_by = p_claimer, claimed_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    FROM due
    WHERE o.event_id = due.event_id
    RETURNING o.*
  )
  SELECT * FROM claimed ORDER BY event_id;
$$;

-- Ends a claim. Without p_error the event is done. With one it becomes due again after 2, 4, 8 ... seconds, at most 5 minutes.
-- With p_claimer only the claim of that relay is ended, so that a relay that lost its lease cannot end its successor's.
-- True when the event was still open.
CREATE FUNCTION m10_recovery.complete_outbox_event(p_event_id bigint, p_error text DEFAULT NULL, p_claimer text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE m10_recovery.outbox
  SET processed_at = CASE WHEN p_error IS NULL THEN clock_timestamp() END,
      retry_count = retry_count + CASE WHEN p_error IS NULL THEN 0 ELSE 1 END,
      next_attempt_at = CASE WHEN p_error IS NULL THEN next_attempt_at
        ELSE clock_timestamp() + make_interval(secs => least(300, power(2, least(retry_count + 1, 10)))) END,
      last_error = coalesce(left(p_error, 2000), last_error),
      claimed_by = CASE WHEN p_error IS NULL THEN claimed_by END,
      claimed_until = NULL
  WHERE event_id = p_event_id AND processed_at IS NULL AND (p_claimer IS NULL OR claimed_by = p_claimer);
  RETURN FOUND;
END
$$;
