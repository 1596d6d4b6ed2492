/** The audit trail in FastAPI. */
import type { ProjectModel } from '../model.ts';
import { fileText } from '../layout.ts';
import { has } from '../python-web/feature-parts.ts';

export function auditRouterFile(): string {
  return fileText(`
"""The HTTP interface of the audit trail."""

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session

from app.dependencies import get_session, read_page
from app.models.audit import AuditAction
from app.pagination import MAX_INTEGER, PageRequest
from app.repositories.audit import AuditFilters, AuditRepository
from app.schemas.audit import AuditEntryPage, AuditEntryRead

router = APIRouter(prefix="/api/audit", tags=["audit"])


def read_filters(
    entity: str | None = Query(default=None, max_length=60),
    record_id: int | None = Query(default=None, ge=1, le=MAX_INTEGER),
    action: AuditAction | None = None,
) -> AuditFilters:
    """Dependency: the filters named in the query string."""
    return AuditFilters(entity=entity, record_id=record_id, action=action)


@router.get("", response_model=AuditEntryPage)
def list_entries(
    filters: AuditFilters = Depends(read_filters),
    page: PageRequest = Depends(read_page),
    session: Session = Depends(get_session),
) -> AuditEntryPage:
    """One page of the entries that pass the filters, newest first."""
    entries, total = AuditRepository(session).find(filters, page)
    items = [AuditEntryRead.of(entry) for entry in entries]
    return AuditEntryPage(items=items, total=total, limit=page.limit, offset=page.offset)
`);
}

export function auditApiTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const { snake = '', kebabPlural = '' } = entity?.names ?? {};
  const actor = has(project, 'auth') ? 'client.get("/api/auth/me").json()["email"]' : 'None';
  return fileText(`
"""The HTTP interface of the audit trail."""

from fastapi.encoders import jsonable_encoder
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from tests.factories import ${[`${snake}_values`, `make_${snake}`].sort().join(', ')}


def test_changes_through_the_api_name_who_made_them(client: TestClient, session: Session) -> None:
    payload = jsonable_encoder(${snake}_values(session))
    actor = ${actor}

    record = client.post("/api/${kebabPlural}", json=payload).json()
    [entry] = client.get("/api/audit", params={"entity": "${kebabPlural}"}).json()["items"]

    assert record["created_by"] == record["updated_by"] == entry["actor"] == actor
    assert entry["label"] == f"create ${kebabPlural} {record['id']}"
    assert entry["changes"]


def test_the_trail_is_filtered_and_newest_first(client: TestClient, session: Session) -> None:
    first, second = make_${snake}(session), make_${snake}(session)
    client.delete(f"/api/${kebabPlural}/{first.id}")

    page = client.get("/api/audit", params={"entity": "${kebabPlural}"}).json()
    of_first = {"entity": "${kebabPlural}", "record_id": first.id}
    changes = client.get("/api/audit", params=of_first).json()
    creations = client.get("/api/audit", params={**of_first, "action": "create"}).json()

    assert [entry["record_id"] for entry in page["items"]] == [first.id, second.id, first.id]
    assert [entry["action"] for entry in changes["items"]] == ["delete", "create"]
    assert creations["total"] == 1


def test_unknown_actions_are_refused(client: TestClient) -> None:
    assert client.get("/api/audit", params={"action": "guess"}).status_code == 422
`);
}
