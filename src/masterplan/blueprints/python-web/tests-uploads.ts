/** Tests of attachments that do not need the web framework. */
import { entityNamed, type EntityModel, type ProjectModel, type RelationModel } from '../model.ts';
import { fileText } from '../layout.ts';
import { has } from './feature-parts.ts';

export function storageTestFile(): string {
  return fileText(`
"""Files on disk."""

from io import BytesIO
from pathlib import Path

import pytest

from app.errors import TooLargeError
from app.storage import FileStorage


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    """A storage of its own for each test, for files of 1 MB at most."""
    return FileStorage(tmp_path / "files", max_mb=1)


def test_keeps_the_bytes(storage: FileStorage) -> None:
    name, size = storage.save(BytesIO(b"hello"))

    assert storage.path(name).read_bytes() == b"hello"
    assert size == 5


def test_equal_files_have_names_of_their_own(storage: FileStorage) -> None:
    assert storage.save(BytesIO(b"hello"))[0] != storage.save(BytesIO(b"hello"))[0]


def test_a_file_of_the_largest_size_is_kept(storage: FileStorage) -> None:
    _, size = storage.save(BytesIO(bytes(1024 * 1024)))

    assert size == 1024 * 1024


def test_of_a_file_that_is_too_large_nothing_is_left(storage: FileStorage) -> None:
    with pytest.raises(TooLargeError):
        storage.save(BytesIO(bytes(1024 * 1024 + 1)))

    assert list(storage.directory.iterdir()) == []


def test_a_file_can_be_removed_twice(storage: FileStorage) -> None:
    name, _ = storage.save(BytesIO(b"hello"))

    storage.remove(name)
    storage.remove(name)

    assert not storage.path(name).exists()
`);
}

interface Cascade {
  readonly child: EntityModel;
  readonly parent: EntityModel;
  readonly relation: RelationModel;
}

/** A relation whose records go with their target. */
function cascadeOf(project: ProjectModel): Cascade | null {
  for (const child of project.entities) {
    const relation = child.relations.find(
      ({ onDelete, target }) => onDelete === 'cascade' && target !== child.names.pascal,
    );
    if (relation !== undefined) return { child, relation, parent: entityNamed(project, relation.target) };
  }
  return null;
}

function cascadeTest({ child, parent, relation }: Cascade): string {
  return `

def test_attachments_go_with_what_depends_on_a_record(
    session: Session, attachments: AttachmentService
) -> None:
    parent = make_${parent.names.snake}(session)
    child = make_${child.names.snake}(session, ${relation.name}_id=parent.id)
    path = attachments.path(attach(attachments, "${child.names.kebabPlural}", child.id))

    session.delete(parent)
    session.commit()

    assert not path.exists()
`;
}

export function attachmentTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  if (entity === undefined) return '';
  // Records that are deleted softly stay, and their files with them.
  const cascade = has(project, 'soft_delete') ? null : cascadeOf(project);
  const { snake, kebabPlural } = entity.names;
  const names = [snake, ...(cascade === null ? [] : [cascade.child.names.snake, cascade.parent.names.snake])];
  const factories = [...new Set(names.map((name) => `make_${name}`))].sort();
  return fileText(`
"""Attachments of records."""

from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.attachment_cleanup import follow_records
from app.database import MEMORY_URL, Database
from app.errors import NotFoundError
from app.models.attachment import Attachment
from app.services.attachment import AttachmentService, Upload, plain_name, plain_type
from app.storage import FileStorage
from tests.factories import ${factories.join(', ')}


@pytest.fixture
def database() -> Database:
    """A database of its own, because files follow the records in it."""
    database = Database(MEMORY_URL)
    database.create_tables()
    return database


@pytest.fixture
def attachments(database: Database, session: Session, tmp_path: Path) -> AttachmentService:
    """The service with a folder of its own."""
    storage = FileStorage(tmp_path, max_mb=1)
    follow_records(database.sessions, storage)
    return AttachmentService(session, storage)


def attach(attachments: AttachmentService, collection: str, record_id: int) -> Attachment:
    """An attachment of a record."""
    upload = Upload("notes.txt", "text/plain", BytesIO(b"hello"))
    return attachments.add(collection, record_id, upload)


def test_a_record_has_its_attachments_newest_first(
    session: Session, attachments: AttachmentService
) -> None:
    record, other = make_${snake}(session), make_${snake}(session)
    first = attach(attachments, "${kebabPlural}", record.id)
    second = attach(attachments, "${kebabPlural}", record.id)
    attach(attachments, "${kebabPlural}", other.id)

    assert attachments.find("${kebabPlural}", record.id) == [second, first]


def test_what_is_not_there_has_no_attachments(attachments: AttachmentService) -> None:
    with pytest.raises(NotFoundError):
        attach(attachments, "${kebabPlural}", 999)
    with pytest.raises(NotFoundError):
        attach(attachments, "unheard-of", 1)


def test_a_deleted_attachment_takes_its_file_along(
    session: Session, attachments: AttachmentService
) -> None:
    attachment = attach(attachments, "${kebabPlural}", make_${snake}(session).id)
    path = attachments.path(attachment)

    attachments.delete(attachment.id)

    assert not path.exists()
    with pytest.raises(NotFoundError):
        attachments.get(attachment.id)


def test_attachments_go_with_their_record(session: Session, attachments: AttachmentService) -> None:
    record = make_${snake}(session)
    attachment = attach(attachments, "${kebabPlural}", record.id)
    path = attachments.path(attachment)

    session.delete(record)
    session.commit()

    assert not path.exists()
    assert session.get(Attachment, attachment.id) is None


def test_files_stay_where_the_deletion_is_taken_back(
    session: Session, attachments: AttachmentService
) -> None:
    record = make_${snake}(session)
    path = attachments.path(attach(attachments, "${kebabPlural}", record.id))

    session.delete(record)
    session.flush()
    session.rollback()
    session.commit()

    assert path.exists()
${cascade === null ? '' : cascadeTest(cascade)}

@pytest.mark.parametrize(
    ("sent", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\\\temp\\\\a.txt", "a.txt"), ("a\\nb.txt", "ab.txt"), ("", "file")],
)
def test_names_lose_folders_and_what_cannot_be_seen(sent: str, kept: str) -> None:
    assert plain_name(sent) == kept


@pytest.mark.parametrize("sent", ["", "text", "text/\\x00x", "text/html\\x0bX: y", "\u0442/\u044f", "a" * 500])
def test_types_that_no_header_could_carry_are_unknown(sent: str) -> None:
    assert plain_type(sent) == "application/octet-stream"


def test_types_lose_their_parameters() -> None:
    assert plain_type("Text/Plain; charset=\\xff") == "text/plain"
`);
}
