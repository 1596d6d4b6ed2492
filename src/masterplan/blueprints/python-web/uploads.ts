/** Attachments of records: table, files on disk and rules, whatever the web framework. */
import { fileText } from '../layout.ts';

export function attachmentModelFile(): string {
  return fileText(`
"""The table of attachments."""

from sqlalchemy import Column, Index, Integer, String

from app.models.base import Base, Record


class Attachment(Record, Base):
    """A file that belongs to a record of any kind."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_owner", "collection", "record_id"),)

    #: The kind of the record, as paths name it.
    collection = Column(String(60), nullable=False)
    record_id = Column(Integer, nullable=False)
    filename = Column(String(255), nullable=False)
    content_type = Column(String(100), nullable=False)
    #: Bytes.
    size = Column(Integer, nullable=False)
    #: The name of the file in the storage.
    stored_name = Column(String(40), nullable=False)

    @property
    def label(self) -> str:
        """A short name for people."""
        return self.filename
`);
}

export function attachmentSchemaFile(): string {
  return fileText(`
"""What clients get for attachments."""

import datetime as dt

from pydantic import BaseModel

from app.models.attachment import Attachment


class AttachmentRead(BaseModel):
    """An attachment without its bytes."""

    id: int
    label: str
    filename: str
    content_type: str
    size: int
    created_at: dt.datetime

    @classmethod
    def of(cls, attachment: Attachment) -> "AttachmentRead":
        """The answer for a stored attachment."""
        return cls(
            id=attachment.id,
            label=attachment.label,
            filename=attachment.filename,
            content_type=attachment.content_type,
            size=attachment.size,
            created_at=attachment.created_at,
        )
`);
}

export function storageFile(): string {
  return fileText(`
"""Files on disk, under names of their own."""

import secrets
from pathlib import Path
from typing import IO

from app.errors import TooLargeError

CHUNK_BYTES = 64 * 1024


class FileStorage:
    """Keeps files in one folder, under random names: no word of a client becomes a path."""

    def __init__(self, directory: str | Path, max_mb: int) -> None:
        self.directory = Path(directory)
        self.max_mb = max_mb

    def save(self, source: IO[bytes]) -> tuple[str, int]:
        """Stores what a stream holds; gives the name of the file and its bytes."""
        self.directory.mkdir(parents=True, exist_ok=True)
        name = secrets.token_hex(16)
        try:
            return name, self.copy(source, self.path(name))
        except BaseException:
            self.remove(name)
            raise

    def copy(self, source: IO[bytes], target: Path) -> int:
        """Copies a stream to a file; raises as soon as it is too long."""
        size = 0
        with target.open("wb") as file:
            while chunk := source.read(CHUNK_BYTES):
                size += len(chunk)
                self.check_size(size)
                file.write(chunk)
        return size

    def check_size(self, size: int) -> None:
        """Raises where a file of so many bytes is too large."""
        if size > self.max_mb * 1024 * 1024:
            raise TooLargeError(f"Files may have {self.max_mb} MB at most.")

    def path(self, name: str) -> Path:
        """Where a stored file is."""
        return self.directory / name

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        self.path(name).unlink(missing_ok=True)
`);
}

export function attachmentServiceFile(): string {
  return fileText(`
"""The rules around attachments."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.attachment import Attachment
from app.services.catalog import SERVICES
from app.storage import FileStorage

#: A type as RFC 6838 lets it be: safe in a header.
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,48}/[a-z0-9][a-z0-9!#$&^_.+-]{0,48}")


@dataclass(frozen=True)
class Upload:
    """A file as a client sends it."""

    filename: str
    content_type: str
    stream: IO[bytes]


class AttachmentService:
    """Keeps files that belong to records."""

    def __init__(self, session: Session, storage: FileStorage) -> None:
        self.session = session
        self.storage = storage

    def find(self, collection: str, record_id: int) -> list[Attachment]:
        """The attachments of a record, newest first."""
        check_owner(self.session, collection, record_id)
        statement = attachments_of(collection, record_id).order_by(Attachment.id.desc())
        return list(self.session.scalars(statement))

    def add(self, collection: str, record_id: int, upload: Upload) -> Attachment:
        """Stores a file for a record."""
        check_owner(self.session, collection, record_id)
        stored_name, size = self.storage.save(upload.stream)
        attachment = Attachment(
            collection=collection,
            record_id=record_id,
            filename=plain_name(upload.filename),
            content_type=plain_type(upload.content_type),
            size=size,
            stored_name=stored_name,
        )
        self.session.add(attachment)
        self.session.commit()
        return attachment

    def get(self, attachment_id: int) -> Attachment:
        """The attachment of an id; raises NotFoundError where there is none."""
        attachment = cast(Attachment | None, self.session.get(Attachment, attachment_id))
        if attachment is None:
            raise NotFoundError(f"There is no attachment with id {attachment_id}.")
        check_owner(self.session, attachment.collection, attachment.record_id)
        return attachment

    def path(self, attachment: Attachment) -> Path:
        """Where the bytes are; raises NotFoundError where somebody has removed the file."""
        path = self.storage.path(attachment.stored_name)
        if not path.is_file():
            raise NotFoundError("The file of this attachment is gone.")
        return path

    def delete(self, attachment_id: int) -> None:
        """Deletes an attachment with its file."""
        self.session.delete(self.get(attachment_id))
        self.session.commit()


def attachments_of(collection: str, record_id: int) -> Any:
    """Query: the attachments of one record."""
    return select(Attachment).where(
        Attachment.collection == collection, Attachment.record_id == record_id
    )


def check_owner(session: Session, collection: str, record_id: int) -> None:
    """Raises NotFoundError where there is no such record."""
    if collection not in SERVICES:
        raise NotFoundError(f"There are no {collection}.")
    SERVICES[collection](session).get(record_id)


def plain_type(content_type: str) -> str:
    """The type of a file without parameters; unknown where no header could carry it."""
    name = content_type.partition(";")[0].strip().lower()
    return name if MEDIA_TYPE.fullmatch(name) else "application/octet-stream"


def plain_name(filename: str) -> str:
    """The name of a file without folders and characters that cannot be seen."""
    name = PurePosixPath(filename.replace("\\\\", "/")).name
    return "".join(char for char in name if char.isprintable())[-255:] or "file"
`);
}

export function attachmentCleanupFile(): string {
  return fileText(`
"""Attachments go with their record: rows in its transaction, files when that is committed."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from app.models.attachment import Attachment
from app.models.kinds import collection_of
from app.services.attachment import attachments_of
from app.session_info import info_of
from app.storage import FileStorage

#: Where a session notes the files that nothing refers to after its commit.
DOOMED = "doomed_files"


def follow_records(sessions: sessionmaker, storage: FileStorage) -> None:
    """Makes all sessions delete attachments with their records, and files with attachments."""
    event.listen(sessions, "before_flush", delete_attachments)
    event.listen(sessions, "after_rollback", forget_files)

    @event.listens_for(sessions, "after_commit")
    def remove_files(session: Session) -> None:
        """Removes the files that the transaction has let go."""
        for name in info_of(session).pop(DOOMED, []):
            storage.remove(name)


def delete_attachments(session: Session, _context: Any, _instances: Any) -> None:
    """Deletes the attachments of deleted records and notes the files of deleted attachments."""
    for record in list(session.deleted):
        for attachment in session.scalars(attachments_of(collection_of(record), record.id)):
            session.delete(attachment)
    doomed = [record.stored_name for record in session.deleted if isinstance(record, Attachment)]
    info_of(session).setdefault(DOOMED, []).extend(doomed)


def forget_files(session: Session) -> None:
    """After a rollback, everything is still referred to."""
    info_of(session).pop(DOOMED, None)
`);
}
