/** Sign-in in Flask: who sends a request, and the routes of accounts. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';

export function securityFile(project: ProjectModel): string {
  const roles = has(project, 'roles');
  const audit = has(project, 'audit');
  const rights = `

def require_admin() -> None:
    """Refuses accounts that are no admins."""
    if current_account().role is not Role.ADMIN:
        raise ForbiddenError("Only admins may do this.")
`;
  return fileText(`
"""Who sends a request, and what that account may do."""

from flask import Flask, current_app, g, request

${audit ? 'from app.audit import ACTOR\n' : ''}from app.errors import ${roles ? 'ForbiddenError, ' : ''}UnauthorizedError
from app.models.account import Account${roles ? ', Role' : ''}
from app.repositories.account import AccountRepository
${audit ? 'from app.session_info import info_of\n' : ''}from app.sessions import get_session
from app.settings import Settings
from app.tokens import TokenIssuer, signing_key

#: The blueprints that are open to everybody.
OPEN = {"auth", "health", "openapi"}


def install_sign_in(app: Flask, settings: Settings) -> None:
    """Gives the application its tokens and asks for one before each request."""
    app.extensions["tokens"] = TokenIssuer(signing_key(settings.secret_key))
    app.before_request(authorize)


def authorize() -> None:
    """${roles ? 'Lets accounts do everything but delete, which is for admins' : 'Lets in those who have signed in'}; unknown paths are not found."""
    is_open = request.blueprint is None or request.blueprint in OPEN
    if is_open or request.method == "OPTIONS":
        return
    ${roles ? 'current_account()\n    if request.method == "DELETE":\n        require_admin()' : 'current_account()'}


def current_account() -> Account:
    """The account that the token of the request stands for, read once."""
    if "account" not in g:
        g.account = read_account(bearer_token())
    return g.account


def bearer_token() -> str:
    """The token that the request brings; raises where it brings none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthorizedError("Sign in first.")
    return token


def read_account(token: str) -> Account:
    """The account of a token; raises where it is no longer there."""
    session = get_session()
    account = AccountRepository(session).get(current_app.extensions["tokens"].read(token))
    if account is None:
        raise UnauthorizedError("The account is gone.")
${audit ? '    info_of(session)[ACTOR] = account.email\n' : ''}    return account
${roles ? rights : ''}`);
}

export function authRoutesFile(): string {
  return fileText(`
"""The HTTP interface of registering and signing in."""

from flask import Blueprint, current_app

from app.endpoint import Endpoint, endpoint
from app.schemas.account import AccessToken, AccountRead, Credentials, Registration
from app.security import current_account
from app.services.account import AccountService
from app.sessions import get_session

blueprint = Blueprint("auth", __name__, url_prefix="/api/auth")


@blueprint.post("/register")
@endpoint(Endpoint(body=Registration, answer=AccountRead, status=201))
def register(payload: Registration) -> AccountRead:
    """Stores a new account."""
    return AccountRead.of(AccountService(get_session()).register(payload))


@blueprint.post("/login")
@endpoint(Endpoint(body=Credentials, answer=AccessToken))
def login(payload: Credentials) -> AccessToken:
    """A token for an address and its password."""
    tokens = current_app.extensions["tokens"]
    account = AccountService(get_session()).authenticate(payload)
    return AccessToken(access_token=tokens.issue(account.id), expires_in=tokens.seconds)


@blueprint.get("/me")
@endpoint(Endpoint(answer=AccountRead))
def read_me() -> AccountRead:
    """The account that the token stands for."""
    return AccountRead.of(current_account())
`);
}

export function accountsRoutesFile(): string {
  return fileText(`
"""The HTTP interface of the accounts, for admins."""

from flask import Blueprint

from app.endpoint import Endpoint, endpoint
from app.schemas.account import AccountPage, AccountRead, RoleChange
from app.schemas.query import PageQuery, page_of
from app.security import require_admin
from app.services.account import AccountService
from app.sessions import get_session

blueprint = Blueprint("accounts", __name__, url_prefix="/api/accounts")
blueprint.before_request(require_admin)


@blueprint.get("")
@endpoint(Endpoint(query=PageQuery, answer=AccountPage))
def list_accounts(query: PageQuery) -> AccountPage:
    """One page of the accounts."""
    page = page_of(query)
    accounts, total = AccountService(get_session()).find(page)
    items = [AccountRead.of(account) for account in accounts]
    return AccountPage(items=items, total=total, limit=page.limit, offset=page.offset)


@blueprint.patch("/<id:account_id>")
@endpoint(Endpoint(body=RoleChange, answer=AccountRead))
def change_role(account_id: int, payload: RoleChange) -> AccountRead:
    """Makes an account an admin or a member."""
    return AccountRead.of(AccountService(get_session()).change_role(account_id, payload.role))
`);
}

export function signInFile(): string {
  return fileText(`
"""Signing in for tests."""

from flask.testing import FlaskClient

from app.models.account import Account


def sign_in(client: FlaskClient, account: Account) -> None:
    """Makes the client send its next requests as the account."""
    token = client.application.extensions["tokens"].issue(account.id)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
`);
}
