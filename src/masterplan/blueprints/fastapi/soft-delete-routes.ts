/** `soft_delete` in FastAPI: the route that restores, and its tests. */
import { bracketed } from '../layout.ts';
import type { EntityModel } from '../model.ts';
import { pythonText } from '../python-text.ts';

/** The route that restores a deleted record. */
export function restoreRoute(entity: EntityModel, id: string, service: string): string {
  const { names } = entity;
  return `

@router.post("/{record_id}/restore", response_model=${names.pascal}Read)
${bracketed(`def restore_${names.snake}(`, [id, service], `) -> ${names.pascal}Read:`)}
    """Takes a deleted ${names.human} back out of the trash."""
    return ${names.pascal}Read.of(service.restore(record_id))
`;
}

/** `backend/tests/test_<entity>_trash_api.py`. */
export function trashApiTestFile(entity: EntityModel): string {
  const { names } = entity;
  return pythonText(`
"""The trash of ${names.humanPlural} over HTTP."""

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from tests.factories import make_${names.snake}

URL = "/api/${names.kebabPlural}"


def ids_of(client: TestClient, **query: str) -> list[int]:
    """The ids of the ${names.humanPlural} that a list shows."""
    return [record["id"] for record in client.get(URL, params=query).json()["items"]]


def test_a_deleted_record_moves_to_the_trash(client: TestClient, session: Session) -> None:
    record_id = make_${names.snake}(session).id

    assert client.delete(f"{URL}/{record_id}").status_code == 204

    assert ids_of(client) == []
    assert ids_of(client, deleted="true") == [record_id]


def test_a_record_is_restored(client: TestClient, session: Session) -> None:
    record_id = make_${names.snake}(session).id
    client.delete(f"{URL}/{record_id}")

    response = client.post(f"{URL}/{record_id}/restore")

    assert response.status_code == 200
    assert response.json()["deleted_at"] is None
    assert ids_of(client) == [record_id]


def test_what_is_not_deleted_is_not_restored(client: TestClient, session: Session) -> None:
    record_id = make_${names.snake}(session).id

    assert client.post(f"{URL}/{record_id}/restore").status_code == 404
`);
}
