/** Sign-in in FastAPI: who sends a request, the routes of accounts and their tests. */
import type { ProjectModel } from '../model.ts';
import { fileText } from '../layout.ts';
import { has } from '../python-web/feature-parts.ts';

export function securityFile(project: ProjectModel): string {
  const roles = has(project, 'roles');
  const actor = has(project, 'audit') ? '    info_of(session)[ACTOR] = account.email\n' : '';
  const rights = `

def require_admin(account: Account = Depends(current_account)) -> None:
    """Dependency: refuses accounts that are no admins."""
    if account.role is not Role.ADMIN:
        raise ForbiddenError("Only admins may do this.")


def authorize(request: Request, account: Account = Depends(current_account)) -> None:
    """Dependency of all records: members may do everything but delete."""
    if request.method == "DELETE":
        require_admin(account)
`;
  return fileText(`
"""Who sends a request, and what that account may do."""

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

${has(project, 'audit') ? 'from app.audit import ACTOR\n' : ''}from app.dependencies import get_session
from app.errors import ${roles ? 'ForbiddenError, ' : ''}UnauthorizedError
from app.models.account import Account${roles ? ', Role' : ''}
from app.repositories.account import AccountRepository
${has(project, 'audit') ? 'from app.session_info import info_of\n' : ''}
bearer = HTTPBearer(auto_error=False)


def current_account(
    request: Request,
    credentials: HTTPAuthorizationCredentials | None = Depends(bearer),
    session: Session = Depends(get_session),
) -> Account:
    """Dependency: the account that the token of the request stands for."""
    if credentials is None:
        raise UnauthorizedError("Sign in first.")
    account_id = request.app.state.tokens.read(credentials.credentials)
    account = AccountRepository(session).get(account_id)
    if account is None:
        raise UnauthorizedError("The account is gone.")
${actor}    return account
${roles ? rights : ''}`);
}

export function authRouterFile(): string {
  return fileText(`
"""The HTTP interface of registering and signing in."""

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session

from app.dependencies import get_session
from app.models.account import Account
from app.schemas.account import AccessToken, AccountRead, Credentials, Registration
from app.security import current_account
from app.services.account import AccountService
from app.tokens import TokenIssuer

router = APIRouter(prefix="/api/auth", tags=["auth"])


def get_tokens(request: Request) -> TokenIssuer:
    """Dependency: what issues the tokens of this service."""
    return request.app.state.tokens


@router.post("/register", response_model=AccountRead, status_code=201)
def register(payload: Registration, session: Session = Depends(get_session)) -> AccountRead:
    """Stores a new account."""
    return AccountRead.of(AccountService(session).register(payload))


@router.post("/login", response_model=AccessToken)
def login(
    payload: Credentials,
    session: Session = Depends(get_session),
    tokens: TokenIssuer = Depends(get_tokens),
) -> AccessToken:
    """A token for an address and its password."""
    account = AccountService(session).authenticate(payload)
    return AccessToken(access_token=tokens.issue(account.id), expires_in=tokens.seconds)


@router.get("/me", response_model=AccountRead)
def read_me(account: Account = Depends(current_account)) -> AccountRead:
    """The account that the token stands for."""
    return AccountRead.of(account)
`);
}

export function accountsRouterFile(): string {
  return fileText(`
"""The HTTP interface of the accounts, for admins."""

from fastapi import APIRouter, Depends, Path
from sqlalchemy.orm import Session

from app.dependencies import get_session, read_page
from app.pagination import MAX_INTEGER, PageRequest
from app.schemas.account import AccountPage, AccountRead, RoleChange
from app.security import require_admin
from app.services.account import AccountService

router = APIRouter(
    prefix="/api/accounts", tags=["accounts"], dependencies=[Depends(require_admin)]
)


def get_service(session: Session = Depends(get_session)) -> AccountService:
    """Dependency: the service on the session of the request."""
    return AccountService(session)


@router.get("", response_model=AccountPage)
def list_accounts(
    page: PageRequest = Depends(read_page), service: AccountService = Depends(get_service)
) -> AccountPage:
    """One page of the accounts, newest first."""
    accounts, total = service.find(page)
    items = [AccountRead.of(account) for account in accounts]
    return AccountPage(items=items, total=total, limit=page.limit, offset=page.offset)


@router.patch("/{account_id}", response_model=AccountRead)
def change_role(
    payload: RoleChange,
    account_id: int = Path(..., ge=1, le=MAX_INTEGER),
    service: AccountService = Depends(get_service),
) -> AccountRead:
    """Makes an account an admin or a member."""
    return AccountRead.of(service.change_role(account_id, payload.role))
`);
}

export function authTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const url = `/api/${entity?.names.kebabPlural ?? ''}`;
  const first = has(project, 'roles') ? 'admin' : 'member';
  return fileText(`
"""Registering, signing in and being asked for it."""

import pytest
from fastapi.testclient import TestClient

from tests.accounts import registration

CREDENTIALS = {"email": "ada@example.com", "password": "correct horse"}


def register(client: TestClient, **overrides: str) -> dict[str, str]:
    """An account made through the API, as the API answers it."""
    response = client.post("/api/auth/register", json=registration(**overrides))
    assert response.status_code == 201, response.text
    return response.json()


def test_registering_answers_the_account_without_its_password(anonymous: TestClient) -> None:
    account = register(anonymous)

    assert account["email"] == "ada@example.com"
    assert (account["label"], account["role"]) == ("Ada", "${first}")
    assert not [name for name in account if "password" in name]


def test_a_token_opens_the_api(anonymous: TestClient) -> None:
    account = register(anonymous)
    token = anonymous.post("/api/auth/login", json=CREDENTIALS).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}

    assert (token["token_type"], token["expires_in"]) == ("bearer", 8 * 60 * 60)
    assert anonymous.get("/api/auth/me", headers=headers).json() == account
    assert anonymous.get("${url}", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/auth/me", "${url}", "${url}/1"])
def test_without_a_token_the_api_is_closed(anonymous: TestClient, path: str) -> None:
    response = anonymous.get(path)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["detail"]


def test_a_forged_token_opens_nothing(anonymous: TestClient) -> None:
    response = anonymous.get("/api/auth/me", headers={"Authorization": "Bearer forged"})

    assert response.status_code == 401


def test_a_taken_address_is_a_conflict(anonymous: TestClient) -> None:
    register(anonymous)

    response = anonymous.post("/api/auth/register", json=registration())

    assert response.status_code == 409
    assert response.json()["errors"][0]["field"] == "email"


@pytest.mark.parametrize("password", ["short", "x" * 129])
def test_passwords_have_8_to_128_characters(anonymous: TestClient, password: str) -> None:
    response = anonymous.post("/api/auth/register", json=registration(password=password))

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "password"


def test_a_wrong_password_is_refused(anonymous: TestClient) -> None:
    register(anonymous)

    response = anonymous.post("/api/auth/login", json={**CREDENTIALS, "password": "wrong"})

    assert response.status_code == 401


def test_the_health_of_the_service_is_open(anonymous: TestClient) -> None:
    assert anonymous.get("/health").status_code == 200
`);
}

export function accountsTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const snake = entity?.names.snake ?? '';
  const url = `/api/${entity?.names.kebabPlural ?? ''}`;
  return fileText(`
"""Accounts and their roles."""

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.models.account import Role
from tests.accounts import make_account
from tests.factories import make_${snake}
from tests.signing_in import sign_in


def test_admins_see_all_accounts(client: TestClient, session: Session) -> None:
    account = make_account(session)

    page = client.get("/api/accounts").json()

    assert page["total"] == 2
    assert page["items"][0]["email"] == account.email


def test_admins_change_roles(client: TestClient, session: Session) -> None:
    account = make_account(session)

    changed = client.patch(f"/api/accounts/{account.id}", json={"role": "admin"})

    assert changed.status_code == 200
    assert changed.json()["role"] == "admin"


def test_the_last_admin_cannot_become_a_member(anonymous: TestClient, session: Session) -> None:
    admin = make_account(session, role=Role.ADMIN)
    sign_in(anonymous, admin)

    response = anonymous.patch(f"/api/accounts/{admin.id}", json={"role": "member"})

    assert response.status_code == 409


def test_members_neither_see_accounts_nor_change_roles(
    anonymous: TestClient, session: Session
) -> None:
    member = make_account(session)
    sign_in(anonymous, member)

    assert anonymous.get("/api/accounts").status_code == 403
    path = f"/api/accounts/{member.id}"
    assert anonymous.patch(path, json={"role": "admin"}).status_code == 403


def test_members_cannot_delete(anonymous: TestClient, session: Session) -> None:
    record = make_${snake}(session)
    sign_in(anonymous, make_account(session))

    response = anonymous.delete(f"${url}/{record.id}")

    assert response.status_code == 403
    assert anonymous.get(f"${url}/{record.id}").status_code == 200


def test_unknown_roles_are_refused(client: TestClient, session: Session) -> None:
    account = make_account(session)

    response = client.patch(f"/api/accounts/{account.id}", json={"role": "king"})

    assert response.status_code == 422
`);
}
