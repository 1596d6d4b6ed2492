import type { Pattern } from '../pattern.ts';

/** Curated examples in Python: standard library first, typed, each whole in itself. */
export const PYTHON_EXAMPLES: readonly Pattern[] = [
  {
    id: 'retry-with-backoff',
    purpose: 'Call something again after a failure, with exponential backoff and jitter, and give up after some tries.',
    language: 'python',
    code: `def retry(call: Callable[[], T], *, tries: int = 5, base: float = 0.1, cap: float = 5.0) -> T:
    for attempt in range(tries):
        try:
            return call()
        except TransientError:
            if attempt == tries - 1:
                raise
            time.sleep(random.uniform(0, min(cap, base * 2**attempt)))
    raise AssertionError("unreachable: tries is at least 1")`,
  },
  {
    id: 'atomic-file-write',
    purpose: 'Write a file so that readers see the old or the new content, never half of it.',
    language: 'python',
    code: `def write_atomically(path: Path, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(handle.name, path)`,
  },
  {
    id: 'password-hash',
    purpose: 'Store a password as a salted slow hash and compare it in constant time.',
    language: 'python',
    code: `def hash_password(password: str) -> str:
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    return f"{salt.hex()}:{digest.hex()}"


def password_matches(password: str, stored: str) -> bool:
    salt, digest = stored.split(":")
    actual = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1)
    return hmac.compare_digest(actual, bytes.fromhex(digest))`,
  },
  {
    id: 'read-csv-with-errors',
    purpose: 'Import rows from an uploaded CSV file and report the problems of each line.',
    language: 'python',
    code: `def read_rows(text: TextIO) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    problems: list[str] = []
    for line, record in enumerate(csv.DictReader(text), start=2):
        try:
            rows.append(Row(name=record["name"].strip(), amount=Decimal(record["amount"])))
        except (KeyError, InvalidOperation) as error:
            problems.append(f"line {line}: {error}")
    return rows, problems`,
  },
  {
    id: 'stream-csv-download',
    purpose: 'Export records as a CSV download without holding them all in memory.',
    language: 'python',
    code: `@router.get("/orders.csv")
def export_orders(orders: OrderRepository = Depends(get_orders)) -> StreamingResponse:
    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        for order in orders.iterate():
            writer.writerow([order.id, order.placed_at.isoformat(), order.total])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    return StreamingResponse(lines(), media_type="text/csv")`,
  },
  {
    id: 'cursor-pagination',
    purpose: 'List records page by page with a cursor that stays right while rows are added.',
    language: 'python',
    code: `def page_after(session: Session, cursor: int | None, limit: int) -> tuple[list[Post], int | None]:
    query = select(Post).order_by(Post.id).limit(limit + 1)
    if cursor is not None:
        query = query.where(Post.id > cursor)
    found = list(session.scalars(query))
    more = len(found) > limit
    return found[:limit], found[limit - 1].id if more else None`,
  },
  {
    id: 'jwt-dependency',
    purpose: 'Authenticate a request of a FastAPI route by its bearer token and give the current user.',
    language: 'python',
    code: `def current_user(
    credentials: HTTPAuthorizationCredentials = Depends(HTTPBearer()),
    users: UserRepository = Depends(get_users),
) -> User:
    try:
        claims = jwt.decode(credentials.credentials, settings.secret, algorithms=["HS256"])
    except jwt.InvalidTokenError as error:
        raise HTTPException(status_code=401, detail="invalid token") from error
    user = users.get(int(claims["sub"]))
    if user is None:
        raise HTTPException(status_code=401, detail="unknown user")
    return user`,
  },
  {
    id: 'role-check',
    purpose: 'Allow a route only for users who have a role, and answer 403 to the others.',
    language: 'python',
    code: `def require_role(role: Role) -> Callable[[User], User]:
    def check(user: User = Depends(current_user)) -> User:
        if role not in user.roles:
            raise HTTPException(status_code=403, detail=f"needs the role {role.value}")
        return user

    return check`,
  },
  {
    id: 'soft-delete',
    purpose: 'Mark a record as deleted instead of removing it, and leave deleted ones out of queries.',
    language: 'python',
    code: `class SoftDeleteMixin:
    deleted_at: Mapped[datetime | None] = mapped_column(default=None, index=True)


def active(model: type[T]) -> Select[tuple[T]]:
    return select(model).where(model.deleted_at.is_(None))


def soft_delete(record: SoftDeleteMixin) -> None:
    record.deleted_at = record.deleted_at or datetime.now(timezone.utc)`,
  },
  {
    id: 'many-to-many',
    purpose: 'Relate two SQLAlchemy models many to many through a join table, such as posts and tags.',
    language: 'python',
    code: `post_tags = Table(
    "post_tags",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
)


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    tags: Mapped[list["Tag"]] = relationship(secondary=post_tags, back_populates="posts")`,
  },
  {
    id: 'rate-limit-token-bucket',
    purpose: 'Limit how often a client may call, with a token bucket.',
    language: 'python',
    code: `class TokenBucket:
    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst, self.clock = rate, burst, clock
        self.tokens, self.at = burst, clock()

    def take(self) -> bool:
        now = self.clock()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True`,
  },
  {
    id: 'lru-cache-class',
    purpose: 'Keep the most recently used entries of a cache and forget the oldest.',
    language: 'python',
    code: `class LruCache(Generic[K, V]):
    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.entries: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        if key not in self.entries:
            return None
        self.entries.move_to_end(key)
        return self.entries[key]

    def put(self, key: K, value: V) -> None:
        self.entries[key] = value
        self.entries.move_to_end(key)
        if len(self.entries) > self.capacity:
            self.entries.popitem(last=False)`,
  },
  {
    id: 'topological-sort',
    purpose: 'Order tasks so that each comes after those it depends on, and name a circle when there is one.',
    language: 'python',
    code: `def ordered(dependencies: Mapping[str, set[str]]) -> list[str]:
    waiting = {name: set(needs) for name, needs in dependencies.items()}
    order: list[str] = []
    while waiting:
        ready = sorted(name for name, needs in waiting.items() if not needs)
        if not ready:
            raise ValueError(f"circular: {sorted(waiting)}")
        order += ready
        waiting = {name: needs - set(ready) for name, needs in waiting.items() if name not in ready}
    return order`,
  },
  {
    id: 'argparse-subcommands',
    purpose: 'A command line program with subcommands, options and exit codes.',
    language: 'python',
    code: `def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="notes")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="add a note")
    add.add_argument("text")
    commands.add_parser("list", help="show all notes")
    options = parser.parse_args(argv)
    try:
        return COMMANDS[options.command](options)
    except NotesError as error:
        print(f"notes: {error}", file=sys.stderr)
        return 1`,
  },
  {
    id: 'background-queue',
    purpose: 'Run jobs in the background with a bounded queue and a fixed number of async workers.',
    language: 'python',
    code: `async def run_all(jobs: Iterable[Job], workers: int) -> None:
    queue: asyncio.Queue[Job] = asyncio.Queue(maxsize=2 * workers)

    async def work() -> None:
        while True:
            job = await queue.get()
            try:
                await job.run()
            finally:
                queue.task_done()

    tasks = [asyncio.create_task(work()) for _ in range(workers)]
    for job in jobs:
        await queue.put(job)
    await queue.join()
    for task in tasks:
        task.cancel()`,
  },
  {
    id: 'upload-with-limits',
    purpose: 'Accept an uploaded file with a limit of its size and type, and store it under a name of its own.',
    language: 'python',
    code: `@router.post("/files", status_code=201)
async def upload(file: UploadFile, store: FileStore = Depends(get_store)) -> FileOut:
    if file.content_type not in ALLOWED_TYPES:
        raise HTTPException(status_code=415, detail=f"{file.content_type} is not accepted")
    data = await file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise HTTPException(status_code=413, detail=f"at most {MAX_BYTES} bytes")
    return store.save(name=f"{uuid4().hex}{suffix_of(file.filename)}", data=data)`,
  },
  {
    id: 'pytest-api-client',
    purpose: 'Test a FastAPI route with a database of its own for each test.',
    language: 'python',
    code: `@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    engine = create_engine(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(engine)
    app.dependency_overrides[get_session] = lambda: Session(engine)
    with TestClient(app) as client:
        yield client
    app.dependency_overrides.clear()


def test_unknown_post_is_404(client: TestClient) -> None:
    assert client.get("/posts/999").status_code == 404`,
  },
  {
    id: 'audit-fields',
    purpose: 'Record who created and changed a row and when.',
    language: 'python',
    code: `class AuditMixin:
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))`,
  },
];
