/** Background jobs in FastAPI. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { guardsJobs } from '../python-web/jobs.ts';

const START = `def start_job(payload: JobCreate, queue: JobQueue = Depends(get_queue)) -> JobRead:
    """Has something done in the background."""`;

const GUARDED_START = `def start_job(
    payload: JobCreate,
    account: Account = Depends(current_account),
    queue: JobQueue = Depends(get_queue),
) -> JobRead:
    """Has something done in the background; some of it is for admins."""
    if payload.kind in ADMIN_KINDS:
        require_admin(account)`;

export function jobsRouterFile(project: ProjectModel): string {
  const guarded = guardsJobs(project);
  const models = 'from app.models.account import Account\nfrom app.models.job import ADMIN_KINDS\n';
  return fileText(`
"""The HTTP interface of background jobs."""

from fastapi import APIRouter, Depends, Path
from sqlalchemy.orm import Session

from app.dependencies import get_session, read_page
from app.jobs.queue import JobQueue
${guarded ? models : ''}from app.pagination import MAX_INTEGER, PageRequest
from app.schemas.job import JobCreate, JobPage, JobRead
${guarded ? 'from app.security import current_account, require_admin\n' : ''}
router = APIRouter(prefix="/api/jobs", tags=["jobs"])


def get_queue(session: Session = Depends(get_session)) -> JobQueue:
    """Dependency: the queue on the session of the request."""
    return JobQueue(session)


@router.post("", response_model=JobRead, status_code=202)
${guarded ? GUARDED_START : START}
    return JobRead.of(queue.add(payload.kind))


@router.get("", response_model=JobPage)
def list_jobs(
    page: PageRequest = Depends(read_page), queue: JobQueue = Depends(get_queue)
) -> JobPage:
    """One page of the jobs, newest first."""
    jobs, total = queue.find(page)
    items = [JobRead.of(job) for job in jobs]
    return JobPage(items=items, total=total, limit=page.limit, offset=page.offset)


@router.get("/{job_id}", response_model=JobRead)
def get_job(
    job_id: int = Path(..., ge=1, le=MAX_INTEGER), queue: JobQueue = Depends(get_queue)
) -> JobRead:
    """One job."""
    return JobRead.of(queue.get(job_id))
`);
}

export function backgroundFile(): string {
  return fileText(`
"""The worker of the service: it starts and stops with the application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.jobs.worker import JobWorker
from app.settings import Settings


def work_in_background(app: FastAPI, settings: Settings) -> None:
    """Runs the worker while the application runs, unless another process has it."""
    if settings.job_worker:
        # FastAPI takes this as an argument of its own only since 0.93.
        app.router.lifespan_context = run_worker


@asynccontextmanager
async def run_worker(app: FastAPI) -> AsyncIterator[None]:
    """The worker, from the start of the application to its end."""
    worker = JobWorker(app.state.database.sessions)
    worker.start()
    try:
        yield
    finally:
        worker.stop()
`);
}

const WORKER_TEST = `
def test_the_worker_runs_as_long_as_the_application(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/app.db"
    with TestClient(create_app(Settings(database_url=url))):
        assert "jobs" in {thread.name for thread in all_threads()}

    assert "jobs" not in {thread.name for thread in all_threads()}
`;

const ADMIN_TEST = `

def test_purging_is_for_admins(anonymous: TestClient, session: Session) -> None:
    sign_in(anonymous, make_account(session))

    refused = anonymous.post("/api/jobs", json={"kind": "purge"})

    assert refused.status_code == 403
    assert anonymous.get("/api/jobs").json()["total"] == 0
    assert anonymous.post("/api/jobs", json={"kind": "summary"}).status_code == 202


def test_admins_start_purging(client: TestClient) -> None:
    response = client.post("/api/jobs", json={"kind": "purge"})

    assert response.status_code == 202
    assert response.json()["kind"] == "purge"
`;

/** `workerTest`: that the worker starts and stops as the framework has it. */
export function jobsApiTestFile(project: ProjectModel, workerTest = WORKER_TEST): string {
  const [entity] = project.entities;
  const guarded = guardsJobs(project);
  const signIn = 'from tests.accounts import make_account\nfrom tests.signing_in import sign_in\n';
  return fileText(`
"""The HTTP interface of background jobs."""

from pathlib import Path
from threading import enumerate as all_threads

from fastapi.testclient import TestClient
${guarded ? 'from sqlalchemy.orm import Session\n' : ''}
from app.database import Database
from app.jobs.worker import JobWorker
from app.main import create_app
from app.settings import Settings
${guarded ? signIn : ''}

def test_a_job_is_accepted_and_done_later(client: TestClient, database: Database) -> None:
    response = client.post("/api/jobs", json={"kind": "summary"})
    job = response.json()
    JobWorker(database.sessions).run_next()

    done = client.get(f"/api/jobs/{job['id']}").json()

    assert response.status_code == 202
    assert (job["status"], job["attempts"], job["result"]) == ("queued", 0, None)
    assert (done["status"], done["attempts"], done["error"]) == ("done", 1, None)
    assert done["result"]["${entity?.names.kebabPlural ?? ''}"] == 0


def test_jobs_are_listed_newest_first(client: TestClient) -> None:
    ids = [client.post("/api/jobs", json={"kind": "summary"}).json()["id"] for _ in range(2)]

    page = client.get("/api/jobs", params={"limit": 1}).json()

    assert [job["id"] for job in page["items"]] == ids[1:]
    assert page["total"] == 2


def test_unknown_kinds_are_refused(client: TestClient) -> None:
    response = client.post("/api/jobs", json={"kind": "unheard of"})

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "kind"


def test_an_unknown_job_is_not_found(client: TestClient) -> None:
    assert client.get("/api/jobs/999").status_code == 404

${workerTest}${guarded ? ADMIN_TEST : ''}`);
}
