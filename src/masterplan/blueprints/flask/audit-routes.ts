/** The audit trail in Flask. */
import { fileText } from '../layout.ts';

export function auditRoutesFile(): string {
  return fileText(`
"""The HTTP interface of the audit trail."""

from flask import Blueprint
from pydantic import Field

from app.endpoint import Endpoint, endpoint
from app.models.audit import AuditAction
from app.pagination import MAX_INTEGER
from app.repositories.audit import AuditFilters, AuditRepository
from app.schemas.audit import AuditEntryPage, AuditEntryRead
from app.schemas.query import PageQuery, page_of
from app.sessions import get_session

blueprint = Blueprint("audit", __name__, url_prefix="/api/audit")


class AuditQuery(PageQuery):
    """Which entries a list shows."""

    entity: str | None = Field(default=None, max_length=60)
    record_id: int | None = Field(default=None, ge=1, le=MAX_INTEGER)
    action: AuditAction | None = None


@blueprint.get("")
@endpoint(Endpoint(query=AuditQuery, answer=AuditEntryPage))
def list_entries(query: AuditQuery) -> AuditEntryPage:
    """One page of the entries that pass the filters."""
    page = page_of(query)
    filters = AuditFilters(entity=query.entity, record_id=query.record_id, action=query.action)
    entries, total = AuditRepository(get_session()).find(filters, page)
    items = [AuditEntryRead.of(entry) for entry in entries]
    return AuditEntryPage(items=items, total=total, limit=page.limit, offset=page.offset)
`);
}
