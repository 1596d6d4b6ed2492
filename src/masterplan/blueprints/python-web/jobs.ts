/** Background jobs: kept in the database and run by a thread of the service, whatever the web framework. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from './feature-parts.ts';

/** Whether there are kinds of jobs that only admins may start. */
export function guardsJobs(project: ProjectModel): boolean {
  return has(project, 'roles') && has(project, 'soft_delete');
}

const ADMIN_KINDS = `

#: What only admins may start: it removes records for good.
ADMIN_KINDS = frozenset({JobKind.PURGE})
`;

export function jobModelFile(project: ProjectModel): string {
  const purge = has(project, 'soft_delete') ? '\n    PURGE = "purge"' : '';
  return fileText(`
"""The table of background jobs."""

import enum

from sqlalchemy import JSON, Column, Integer, Text

from app.models.base import Base, Record, UtcDateTime, enum_type


class JobKind(str, enum.Enum):
    """What can be done in the background."""

    SUMMARY = "summary"${purge}
${guardsJobs(project) ? ADMIN_KINDS : ''}

class JobStatus(str, enum.Enum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Record, Base):
    """Work that is done after the request that asked for it."""

    __tablename__ = "jobs"

    kind = Column(enum_type(JobKind), nullable=False)
    status = Column(enum_type(JobStatus), nullable=False, default=JobStatus.QUEUED, index=True)
    attempts = Column(Integer, nullable=False, default=0)
    result = Column(JSON(none_as_null=True), nullable=True)
    error = Column(Text, nullable=True)
    finished_at = Column(UtcDateTime, nullable=True)

    @property
    def label(self) -> str:
        """A short name for people."""
        return f"{self.kind.value} {self.id}"
`);
}

export function jobSchemaFile(): string {
  return fileText(`
"""What clients send and get for background jobs."""

import datetime as dt
from typing import Any

from pydantic import BaseModel

from app.models.job import Job, JobKind, JobStatus


class JobCreate(BaseModel):
    """What is to be done."""

    kind: JobKind


class JobRead(BaseModel):
    """A job and what has become of it."""

    id: int
    label: str
    kind: JobKind
    status: JobStatus
    attempts: int
    result: dict[str, Any] | None
    error: str | None
    created_at: dt.datetime
    finished_at: dt.datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobRead":
        """The answer for a stored job."""
        return cls(
            id=job.id,
            label=job.label,
            kind=job.kind,
            status=job.status,
            attempts=job.attempts,
            result=job.result,
            error=job.error,
            created_at=job.created_at,
            finished_at=job.finished_at,
        )


class JobPage(BaseModel):
    """Part of the jobs, and how many there are in all."""

    items: list[JobRead]
    total: int
    limit: int
    offset: int
`);
}

export function jobQueueFile(): string {
  return fileText(`
"""The queue of jobs: rows of a table, so that none is lost when the service stops."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.base import utc_now
from app.models.job import Job, JobKind, JobStatus
from app.pagination import PageRequest
from app.repositories.base import Repository

MAX_ATTEMPTS = 3


class JobRepository(Repository[Job]):
    """Access to the table of jobs."""

    model = Job


class JobQueue:
    """Stores jobs and hands them out, the oldest first."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.jobs = JobRepository(session)

    def add(self, kind: JobKind) -> Job:
        """Stores a job that is to be done."""
        job = self.jobs.add(Job(kind=kind))
        self.session.commit()
        return job

    def find(self, page: PageRequest) -> tuple[list[Job], int]:
        """One page of the jobs, newest first, and how many there are in all."""
        return self.jobs.page([], page)

    def get(self, job_id: int) -> Job:
        """The job of an id; raises NotFoundError where there is none."""
        job = self.jobs.get(job_id)
        if job is None:
            raise NotFoundError(f"There is no job with id {job_id}.")
        return job

    def claim(self) -> Job | None:
        """Takes the oldest job that waits; None where none does, or another worker was faster."""
        waiting = select(Job).where(Job.status == JobStatus.QUEUED).order_by(Job.id).limit(1)
        job = self.session.scalars(waiting).first()
        if job is None or not self.take(job):
            return None
        self.session.refresh(job)
        return job

    def take(self, job: Job) -> bool:
        """Marks a job as running unless it no longer waits; true where this has made the mark."""
        mark = (
            update(Job)
            .where(Job.id == job.id, Job.status == JobStatus.QUEUED)
            .values(status=JobStatus.RUNNING, attempts=Job.attempts + 1)
            .execution_options(synchronize_session=False)
        )
        taken = self.session.execute(mark).rowcount == 1
        self.session.commit()
        return taken

    def finish(self, job: Job, result: dict[str, Any]) -> None:
        """Keeps the result of a job."""
        job.result = result
        self.close(job, JobStatus.DONE)

    def fail(self, job: Job, error: str) -> None:
        """Notes why an attempt failed; after the last one the job has failed."""
        job.error = error
        if job.attempts >= MAX_ATTEMPTS:
            self.close(job, JobStatus.FAILED)
        else:
            job.status = JobStatus.QUEUED
            self.session.commit()

    def close(self, job: Job, status: JobStatus) -> None:
        """Ends a job."""
        job.status = status
        job.finished_at = utc_now()
        self.session.commit()

    def recover(self) -> None:
        """Takes back what a stopped process was doing."""
        running = select(Job).where(Job.status == JobStatus.RUNNING)
        for job in list(self.session.scalars(running)):
            self.fail(job, "The service was stopped.")
`);
}

export function jobKindsFile(project: ProjectModel): string {
  const trash = has(project, 'soft_delete');
  const purge = `

def purge(session: Session) -> Result:
    """Removes what was deleted long ago; what refers to other records goes before them."""
    limit = utc_now() - PURGE_AFTER
    removed = {}
    for collection, service in reversed(SERVICES.items()):
        removed[collection] = purge_records(session, service(session).records.model, limit)
    session.commit()
    return removed


def purge_records(session: Session, model: Any, limit: dt.datetime) -> int:
    """Removes the records of one kind that were deleted before a moment; gives their number."""
    records = list(session.scalars(select(model).where(model.deleted_at < limit)))
    for record in records:
        session.delete(record)
    session.flush()
    return len(records)
`;
  return fileText(`
"""What jobs do."""

${trash ? 'import datetime as dt\n' : ''}from collections.abc import Callable
${trash ? 'from typing import Any\n' : ''}
${trash ? 'from sqlalchemy import select\n' : ''}from sqlalchemy.orm import Session

${trash ? 'from app.models.base import utc_now\n' : ''}from app.models.job import JobKind
from app.services.catalog import SERVICES

Result = dict[str, int]
${trash ? '\n#: How long deleted records can be restored before they are removed.\nPURGE_AFTER = dt.timedelta(days=30)\n' : ''}

def summarize(session: Session) -> Result:
    """How many records of each kind there are."""
    return {name: service(session).records.${trash ? 'count_kept' : 'count'}() for name, service in SERVICES.items()}
${trash ? purge : ''}

KINDS: dict[JobKind, Callable[[Session], Result]] = {
    JobKind.SUMMARY: summarize,${trash ? '\n    JobKind.PURGE: purge,' : ''}
}
`);
}

export function jobWorkerFile(): string {
  return fileText(`
"""The worker: one thread of the service that does one job after the other."""

import logging
from collections.abc import Callable
from threading import Event, Thread

from sqlalchemy.orm import Session

from app.jobs.kinds import KINDS
from app.jobs.queue import JobQueue
from app.models.job import Job

POLL_SECONDS = 1.0

logger = logging.getLogger(__name__)


class JobWorker:
    """Does jobs until it is stopped."""

    def __init__(
        self, sessions: Callable[[], Session], poll_seconds: float = POLL_SECONDS
    ) -> None:
        self.sessions = sessions
        self.poll_seconds = poll_seconds
        self.stopping = Event()
        self.thread = Thread(target=self.run, name="jobs", daemon=True)

    def start(self) -> None:
        """Takes up what a stopped process has left, then starts the thread."""
        with self.sessions() as session:
            JobQueue(session).recover()
        self.thread.start()

    def stop(self) -> None:
        """Lets the job that is being done end, and no other begin."""
        self.stopping.set()
        self.thread.join()

    def run(self) -> None:
        """Does jobs while there are any, and else looks for them from time to time."""
        while not self.stopping.is_set():
            if not self.try_next():
                self.stopping.wait(self.poll_seconds)

    def try_next(self) -> bool:
        """As \`run_next\`; a database that does not answer is a reason to wait, not to end."""
        try:
            return self.run_next()
        except Exception:
            logger.exception("The queue of jobs cannot be read.")
            return False

    def run_next(self) -> bool:
        """Does the oldest job that waits; false where none does."""
        with self.sessions() as session:
            queue = JobQueue(session)
            job = queue.claim()
            if job is not None:
                do_job(session, queue, job)
            return job is not None


def do_job(session: Session, queue: JobQueue, job: Job) -> None:
    """Does a job and notes its result, or its failure."""
    try:
        result = KINDS[job.kind](session)
    except Exception as error:
        logger.exception("Job %s failed.", job.id)
        session.rollback()
        queue.fail(job, f"{type(error).__name__}: {error}")
    else:
        queue.finish(job, result)
`);
}
