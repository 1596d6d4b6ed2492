/** Background jobs in Flask. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { guardsJobs } from '../python-web/jobs.ts';

const GUARDED_START = `    """Has something done in the background; some of it is for admins."""
    if payload.kind in ADMIN_KINDS:
        require_admin()`;

export function jobsRoutesFile(project: ProjectModel): string {
  const guarded = guardsJobs(project);
  return fileText(`
"""The HTTP interface of background jobs."""

from flask import Blueprint

from app.endpoint import Endpoint, endpoint
from app.jobs.queue import JobQueue
${guarded ? 'from app.models.job import ADMIN_KINDS\n' : ''}from app.schemas.job import JobCreate, JobPage, JobRead
from app.schemas.query import PageQuery, page_of
${guarded ? 'from app.security import require_admin\n' : ''}from app.sessions import get_session

blueprint = Blueprint("jobs", __name__, url_prefix="/api/jobs")


@blueprint.post("")
@endpoint(Endpoint(body=JobCreate, answer=JobRead, status=202))
def start_job(payload: JobCreate) -> JobRead:
${guarded ? GUARDED_START : '    """Has something done in the background."""'}
    return JobRead.of(JobQueue(get_session()).add(payload.kind))


@blueprint.get("")
@endpoint(Endpoint(query=PageQuery, answer=JobPage))
def list_jobs(query: PageQuery) -> JobPage:
    """One page of the jobs."""
    page = page_of(query)
    jobs, total = JobQueue(get_session()).find(page)
    items = [JobRead.of(job) for job in jobs]
    return JobPage(items=items, total=total, limit=page.limit, offset=page.offset)


@blueprint.get("/<id:job_id>")
@endpoint(Endpoint(answer=JobRead))
def get_job(job_id: int) -> JobRead:
    """One job."""
    return JobRead.of(JobQueue(get_session()).get(job_id))
`);
}

export function backgroundFile(): string {
  return fileText(`
"""The worker of the service: it starts with the application and stops with the process."""

import atexit

from flask import Flask
from werkzeug.serving import is_running_from_reloader

from app.jobs.worker import JobWorker
from app.settings import Settings


def work_in_background(app: Flask, settings: Settings) -> None:
    """Starts the worker, unless another process has it."""
    if not settings.job_worker or watches_files(app):
        return
    worker = JobWorker(app.extensions["database"].sessions)
    app.extensions["worker"] = worker
    worker.start()
    atexit.register(worker.stop)


def watches_files(app: Flask) -> bool:
    """Whether this is the process that only restarts the application when its files change."""
    return app.debug and not is_running_from_reloader()
`);
}

/** The test of how long the worker runs, for `tests/test_jobs_api.py`. */
export function workerTest(): string {
  return `
def test_the_worker_runs_as_long_as_the_application(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/app.db"))
    assert "jobs" in {thread.name for thread in all_threads()}

    app.extensions["worker"].stop()

    assert "jobs" not in {thread.name for thread in all_threads()}
`;
}
