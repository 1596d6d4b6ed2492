/** Attachments in Flask: their routes, and the limit of what is sent. */
import { fileText } from '../layout.ts';

export function attachmentsRoutesFile(): string {
  return fileText(`
"""The HTTP interface of attachments."""

from flask import Blueprint, Response, current_app, send_file

from app.endpoint import Endpoint, endpoint
from app.schemas.attachment import AttachmentRead
from app.services.attachment import AttachmentService
from app.sessions import get_session
from app.uploads import BYTES, FORM, read_upload

blueprint = Blueprint("attachments", __name__, url_prefix="/api")


def get_service() -> AttachmentService:
    """The service on the session of the request."""
    return AttachmentService(get_session(), current_app.extensions["storage"])


@blueprint.get("/<collection>/<id:record_id>/attachments")
@endpoint(Endpoint(answer=AttachmentRead, is_list=True))
def list_attachments(collection: str, record_id: int) -> list[AttachmentRead]:
    """The attachments of a record, newest first."""
    return [AttachmentRead.of(found) for found in get_service().find(collection, record_id)]


@blueprint.post("/<collection>/<id:record_id>/attachments")
@endpoint(Endpoint(reads=FORM, answer=AttachmentRead, status=201))
def add_attachment(collection: str, record_id: int) -> AttachmentRead:
    """Attaches the file of a form to a record."""
    service = get_service()
    return AttachmentRead.of(service.add(collection, record_id, read_upload(service.storage)))


@blueprint.get("/attachments/<id:attachment_id>")
@endpoint(Endpoint(makes=BYTES))
def download_attachment(attachment_id: int) -> Response:
    """The bytes of an attachment; browsers save them and never show them as a page."""
    service = get_service()
    attachment = service.get(attachment_id)
    response = send_file(
        service.path(attachment).absolute(),
        mimetype=attachment.content_type,
        as_attachment=True,
        download_name=attachment.filename,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.delete("/attachments/<id:attachment_id>")
@endpoint(Endpoint(status=204))
def delete_attachment(attachment_id: int) -> None:
    """Deletes an attachment with its file."""
    get_service().delete(attachment_id)
`);
}

export function uploadsFile(): string {
  return fileText(`
"""Uploads: where they are kept, and what is too large to be read at all."""

from flask import Flask, request
from werkzeug.exceptions import LengthRequired

from app.attachment_cleanup import follow_records
from app.errors import InvalidInputError
from app.services.attachment import Upload
from app.settings import Settings
from app.storage import FileStorage

#: What a form needs around its file.
FORM_BYTES = 64 * 1024
#: What the OpenAPI description says of files, and of forms that hold one.
BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
FORM_SCHEMA = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}
FORM = {"multipart/form-data": {"schema": FORM_SCHEMA}}


def accept_uploads(app: Flask, settings: Settings) -> None:
    """Gives the application its storage."""
    storage = FileStorage(settings.upload_dir, settings.upload_max_mb)
    app.extensions["storage"] = storage
    follow_records(app.extensions["database"].sessions, storage)


def read_upload(storage: FileStorage) -> Upload:
    """The file in the form of the request; what is too large by its length is not read."""
    if request.content_length is None:
        raise LengthRequired("The request must say how long it is.")
    storage.check_size(request.content_length - FORM_BYTES)
    file = request.files.get("file")
    if file is None:
        raise InvalidInputError("A file is needed.", "file")
    content_type = file.content_type or "application/octet-stream"
    return Upload(file.filename or "", content_type, file.stream)
`);
}
