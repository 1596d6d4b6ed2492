/** Attachments in FastAPI: their routes, the limit of what is sent, and tests. */
import type { ProjectModel } from '../model.ts';
import { fileText } from '../layout.ts';

export function attachmentsRouterFile(): string {
  return fileText(`
"""The HTTP interface of attachments."""

from fastapi import APIRouter, Depends, File, Path, Request, Response, UploadFile
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from app.dependencies import get_session
from app.pagination import MAX_INTEGER
from app.schemas.attachment import AttachmentRead
from app.services.attachment import AttachmentService, Upload

router = APIRouter(prefix="/api", tags=["attachments"])


def get_service(request: Request, session: Session = Depends(get_session)) -> AttachmentService:
    """Dependency: the service on the session of the request."""
    return AttachmentService(session, request.app.state.storage)


@router.get("/{collection}/{record_id}/attachments", response_model=list[AttachmentRead])
def list_attachments(
    collection: str,
    record_id: int = Path(..., ge=1, le=MAX_INTEGER),
    service: AttachmentService = Depends(get_service),
) -> list[AttachmentRead]:
    """The attachments of a record, newest first."""
    return [AttachmentRead.of(found) for found in service.find(collection, record_id)]


@router.post(
    "/{collection}/{record_id}/attachments", response_model=AttachmentRead, status_code=201
)
def add_attachment(
    collection: str,
    record_id: int = Path(..., ge=1, le=MAX_INTEGER),
    file: UploadFile = File(...),
    service: AttachmentService = Depends(get_service),
) -> AttachmentRead:
    """Attaches a file to a record."""
    content_type = file.content_type or "application/octet-stream"
    upload = Upload(file.filename or "", content_type, file.file)
    return AttachmentRead.of(service.add(collection, record_id, upload))


@router.get("/attachments/{attachment_id}", response_class=FileResponse)
def download_attachment(
    attachment_id: int = Path(..., ge=1, le=MAX_INTEGER),
    service: AttachmentService = Depends(get_service),
) -> FileResponse:
    """The bytes of an attachment; browsers save them and never show them as a page."""
    attachment = service.get(attachment_id)
    return FileResponse(
        service.path(attachment),
        media_type=attachment.content_type,
        filename=attachment.filename,
        headers={"X-Content-Type-Options": "nosniff"},
    )


@router.delete("/attachments/{attachment_id}", status_code=204, response_class=Response)
def delete_attachment(
    attachment_id: int = Path(..., ge=1, le=MAX_INTEGER),
    service: AttachmentService = Depends(get_service),
) -> Response:
    """Deletes an attachment with its file."""
    service.delete(attachment_id)
    return Response(status_code=204)
`);
}

export function uploadsFile(): string {
  return fileText(`
"""Uploads: where they are kept, and what is too large to be read at all."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from app.attachment_cleanup import follow_records
from app.error_handlers import handle_app_error
from app.errors import AppError, TooLargeError
from app.settings import Settings
from app.storage import FileStorage

#: What a form needs around its file.
FORM_BYTES = 64 * 1024


class LengthRequiredError(AppError):
    """The request does not say how long its body is."""

    status_code = 411


def accept_uploads(app: FastAPI, settings: Settings) -> None:
    """Gives the application its storage."""
    storage = FileStorage(settings.upload_dir, settings.upload_max_mb)
    app.state.storage = storage
    follow_records(app.state.database.sessions, storage)
    app.middleware("http")(refuse_large_forms)


async def refuse_large_forms(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Answers 413 before a form is read whose length says that its file is too large."""
    if request.method == "POST" and request.url.path.endswith("/attachments"):
        try:
            request.app.state.storage.check_size(length_of(request) - FORM_BYTES)
        except (LengthRequiredError, TooLargeError) as error:
            return await handle_app_error(request, error)
    return await call_next(request)


def length_of(request: Request) -> int:
    """The length of the body, which the request must say."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise LengthRequiredError("The request must say how long it is.")
    return int(length)
`);
}

export function attachmentsTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const { snake = '', kebabPlural = '' } = entity?.names ?? {};
  return fileText(`
"""The HTTP interface of attachments."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from tests.factories import make_${snake}

MEGABYTE = 1024 * 1024


@pytest.fixture
def url(session: Session) -> str:
    """Where the attachments of a record are."""
    return f"/api/${kebabPlural}/{make_${snake}(session).id}/attachments"


def attach(client: TestClient, url: str, name: str = "notes.txt") -> dict[str, Any]:
    """An attachment made through the API, as the API answers it."""
    response = client.post(url, files={"file": (name, b"hello", "text/plain")})
    assert response.status_code == 201, response.text
    return response.json()


def test_a_file_is_attached(client: TestClient, url: str) -> None:
    attachment = attach(client, url)

    assert attachment["filename"] == attachment["label"] == "notes.txt"
    assert (attachment["content_type"], attachment["size"]) == ("text/plain", 5)
    assert client.get(url).json() == [attachment]


def test_the_bytes_come_back_as_a_download(client: TestClient, url: str) -> None:
    attachment = attach(client, url)

    response = client.get(f"/api/attachments/{attachment['id']}")

    assert response.content == b"hello"
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_deleted_attachment_is_gone(client: TestClient, url: str) -> None:
    path = f"/api/attachments/{attach(client, url)['id']}"

    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(url).json() == []


def test_a_record_takes_its_attachments_along(client: TestClient, url: str) -> None:
    path = f"/api/attachments/{attach(client, url)['id']}"

    client.delete(url.removesuffix("/attachments"))

    assert client.get(url).status_code == 404
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("size", [10 * MEGABYTE + 1, 11 * MEGABYTE])
def test_large_files_are_refused(client: TestClient, url: str, size: int) -> None:
    response = client.post(url, files={"file": ("large.bin", bytes(size))})

    assert response.status_code == 413
    assert "10 MB" in response.json()["detail"]
    assert client.get(url).json() == []


def test_a_form_without_a_file_is_refused(client: TestClient, url: str) -> None:
    assert client.post(url, data={"name": "value"}).status_code == 422


@pytest.mark.parametrize("path", ["${kebabPlural}/999", "unheard-of/1"])
def test_only_records_have_attachments(client: TestClient, path: str) -> None:
    assert client.get(f"/api/{path}/attachments").status_code == 404
`);
}
