/** Tests of background jobs that do not need the web framework. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from './feature-parts.ts';

function purgeTests(snake: string, kebabPlural: string): string {
  return `

def test_purging_removes_what_was_deleted_long_ago(session: Session) -> None:
    now = utc_now()
    kept = make_${snake}(session)
    recent = make_${snake}(session, deleted_at=now - dt.timedelta(days=29))
    old = make_${snake}(session, deleted_at=now - dt.timedelta(days=31))

    result = KINDS[JobKind.PURGE](session)

    assert result["${kebabPlural}"] == 1
    model = type(kept)
    left = session.scalars(select(model.id).where(model.id.in_([kept.id, recent.id, old.id])))
    assert set(left) == {kept.id, recent.id}


def test_the_summary_leaves_deleted_records_out(session: Session) -> None:
    make_${snake}(session, deleted_at=utc_now())

    assert KINDS[JobKind.SUMMARY](session)["${kebabPlural}"] == 0
`;
}

export function jobsTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const { snake = '', kebabPlural = '' } = entity?.names ?? {};
  const trash = has(project, 'soft_delete');
  return fileText(`
"""Background jobs."""

${trash ? 'import datetime as dt\n' : ''}import time
from pathlib import Path

import pytest
${trash ? 'from sqlalchemy import select\n' : ''}from sqlalchemy.orm import Session

from app.database import Database
from app.errors import NotFoundError
from app.jobs.kinds import KINDS
from app.jobs.queue import JobQueue
from app.jobs.worker import JobWorker
${trash ? 'from app.models.base import utc_now\n' : ''}from app.models.job import Job, JobKind, JobStatus
from tests.factories import make_${snake}


@pytest.fixture
def queue(session: Session) -> JobQueue:
    """The queue on the database of the test."""
    return JobQueue(session)


@pytest.fixture
def worker(database: Database) -> JobWorker:
    """A worker on the database of the test, not started."""
    return JobWorker(database.sessions)


def break_down(_session: Session) -> dict[str, int]:
    """A job that fails."""
    raise OSError("no disk")


def test_a_summary_counts_the_records(session: Session, queue: JobQueue, worker: JobWorker) -> None:
    make_${snake}(session)
    job = queue.add(JobKind.SUMMARY)

    assert worker.run_next()
    session.refresh(job)

    assert (job.status, job.attempts) == (JobStatus.DONE, 1)
    assert job.result["${kebabPlural}"] == 1
    assert job.finished_at is not None


def test_without_jobs_there_is_nothing_to_do(worker: JobWorker) -> None:
    assert not worker.run_next()


def test_the_oldest_job_is_claimed_and_by_one_only(queue: JobQueue) -> None:
    first, second = queue.add(JobKind.SUMMARY), queue.add(JobKind.SUMMARY)

    assert [queue.claim(), queue.claim(), queue.claim()] == [first, second, None]


def test_a_claimed_job_cannot_be_taken_again(queue: JobQueue) -> None:
    job = queue.add(JobKind.SUMMARY)
    queue.claim()

    assert not queue.take(job)


def test_a_job_is_tried_three_times(
    session: Session, queue: JobQueue, worker: JobWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, JobKind.SUMMARY, break_down)
    job = queue.add(JobKind.SUMMARY)

    runs = [worker.run_next() for _ in range(4)]
    session.refresh(job)

    assert runs == [True, True, True, False]
    assert (job.status, job.attempts, job.error) == (JobStatus.FAILED, 3, "OSError: no disk")


def test_what_a_stopped_process_held_is_taken_up_again(queue: JobQueue) -> None:
    job = queue.add(JobKind.SUMMARY)
    queue.claim()

    queue.recover()

    assert queue.claim() is job


def test_an_unknown_job_is_reported(queue: JobQueue) -> None:
    with pytest.raises(NotFoundError):
        queue.get(999)


def test_a_started_worker_does_jobs_until_it_is_stopped(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/jobs.db")
    database.create_tables()
    worker = JobWorker(database.sessions, poll_seconds=0.01)
    worker.start()

    with database.sessions() as session:
        job = JobQueue(session).add(JobKind.SUMMARY)
        wait_until_finished(session, job)
    worker.stop()

    assert job.status is JobStatus.DONE
    assert not worker.thread.is_alive()


def wait_until_finished(session: Session, job: Job) -> None:
    """Waits for another thread to end a job."""
    deadline = time.monotonic() + 10
    while job.finished_at is None and time.monotonic() < deadline:
        time.sleep(0.01)
        session.commit()
        session.refresh(job)
${trash ? purgeTests(snake, kebabPlural) : ''}`);
}
