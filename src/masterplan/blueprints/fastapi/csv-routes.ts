/** `csv` in FastAPI: the routes that export and import, and their tests. */
import { bracketed, fileText } from '../layout.ts';
import type { EntityModel } from '../model.ts';
import { pythonText } from '../python-text.ts';

/** `backend/app/csv_body.py`. */
export function csvBodyFile(): string {
  return fileText(`
"""CSV in the bodies of requests and answers."""

from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

from app.errors import TooLargeError
from app.services.csv_import import MAX_BYTES

#: What the OpenAPI description says of a body that is read by hand.
CSV_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
}


class ImportResult(BaseModel):
    """What an import has done."""

    created: int


async def read_csv(request: Request) -> bytes:
    """Dependency: the body, read no further than it may be long."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BYTES:
            raise TooLargeError(f"A file may have at most {MAX_BYTES} bytes.")
    return bytes(data)


def csv_file(text: str, name: str) -> Response:
    """An answer that browsers save as a file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text, media_type="text/csv", headers=headers)
`);
}

/** The routes that export and import; they come before those with an id, which would take their names for one. */
export function csvRoutes(entity: EntityModel, service: string): string {
  const { names } = entity;
  const filters = `filters: ${names.pascal}Filters = Depends(read_filters)`;
  const sort = 'sort: str = Query(default="-id", max_length=60)';
  return `

@router.get("/export", response_class=Response)
${bracketed(`def export_${names.snakePlural}(`, [filters, sort, service], ') -> Response:')}
    """All ${names.humanPlural} that pass the filters as CSV."""
    text = export_csv(service, ${names.pascal}Create, filters, sort)
    return csv_file(text, "${names.kebabPlural}")


@router.post("/import", response_model=ImportResult, openapi_extra=CSV_BODY)
${bracketed(`def import_${names.snakePlural}(`, ['data: bytes = Depends(read_csv)', service], ') -> ImportResult:')}
    """Stores ${names.humanPlural} from CSV: all lines or none."""
    return ImportResult(created=import_csv(service, ${names.pascal}Create, data))
`;
}

/** Imports of a router that has these routes. */
export const CSV_ROUTE_IMPORTS = {
  body: 'from app.csv_body import CSV_BODY, ImportResult, csv_file, read_csv',
  services: 'from app.services.csv_export import export_csv\nfrom app.services.csv_import import import_csv',
} as const;

/** `backend/tests/test_<entity>_csv_api.py`. */
export function csvApiTestFile(entity: EntityModel): string {
  const { names } = entity;
  const [field] = entity.fields;
  return pythonText(`
"""${names.humanPlural.charAt(0).toUpperCase()}${names.humanPlural.slice(1)} as CSV over HTTP."""

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from tests.factories import make_${names.snake}

URL = "/api/${names.kebabPlural}"


def send(client: TestClient, text: str) -> tuple[int, dict]:
    """Imports a text: the status and the answer."""
    response = client.post(f"{URL}/import", content=text, headers={"Content-Type": "text/csv"})
    return response.status_code, response.json()


def test_export_is_a_file_of_all_records(client: TestClient, session: Session) -> None:
    ids = [make_${names.snake}(session).id for _ in range(2)]

    response = client.get(f"{URL}/export", params={"sort": "id"})

    assert response.headers["content-type"].startswith("text/csv")
    assert 'filename="${names.kebabPlural}.csv"' in response.headers["content-disposition"]
    header, *lines = response.text.splitlines()
    assert header.startswith("id,${field?.name ?? ''}")
    assert [line.split(",")[0] for line in lines] == [str(record_id) for record_id in ids]


def test_export_refuses_an_unknown_order(client: TestClient) -> None:
    assert client.get(f"{URL}/export", params={"sort": "shoe_size"}).status_code == 422


def test_import_stores_what_was_exported(client: TestClient, session: Session) -> None:
    record = make_${names.snake}(session)
    exported = client.get(f"{URL}/export").text
    header, line = exported.split("\\r\\n")[:2]
    session.delete(record)
    session.commit()

    status, answer = send(client, f"{header[3:]}\\r\\n{line.split(',', 1)[1]}\\r\\n")

    assert (status, answer) == (200, {"created": 1})
    assert client.get(URL).json()["total"] == 1


def test_import_says_which_line_is_wrong(client: TestClient) -> None:
    status, answer = send(client, "id\\n1\\n")

    assert status == 422
    assert [error["field"] for error in answer["errors"]] == ["line 1: id"]


def test_import_takes_no_more_than_the_limit(client: TestClient) -> None:
    status, _ = send(client, "x" * 5_000_001)

    assert status == 413
`);
}
