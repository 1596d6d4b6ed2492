/** Accounts, passwords and tokens: what of sign-in does not depend on the web framework. */
import type { ProjectModel } from '../model.ts';
import { fileText } from '../layout.ts';
import { has } from './feature-parts.ts';

export function accountModelFile(): string {
  return fileText(`
"""The table of accounts."""

import enum

from sqlalchemy import Column, String

from app.models.base import Base, Record, enum_type


class Role(str, enum.Enum):
    """What an account may do."""

    ADMIN = "admin"
    MEMBER = "member"


class Account(Record, Base):
    """Someone who can sign in."""

    __tablename__ = "accounts"

    email = Column(String(254), nullable=False, unique=True)
    name = Column(String(100), nullable=False)
    password_hash = Column(String(200), nullable=False)
    role = Column(enum_type(Role), nullable=False, default=Role.MEMBER)

    @property
    def label(self) -> str:
        """A short name for people."""
        return self.name
`);
}

export function passwordsFile(): string {
  return fileText(`
"""Passwords: only what scrypt makes of them is stored."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

SALT_BYTES = 16


@dataclass(frozen=True)
class Cost:
    """How much work a guess is; stored with each password, so that it can be raised later."""

    n: int = 2**14
    r: int = 8
    p: int = 5


def hash_password(password: str, cost: Cost = Cost()) -> str:
    """What to store of a password: the cost, a salt of its own and the derived key."""
    salt = secrets.token_bytes(SALT_BYTES)
    key = derive_key(password, salt, cost)
    return "$".join([str(cost.n), str(cost.r), str(cost.p), to_text(salt), to_text(key)])


def verify_password(password: str, stored: str) -> bool:
    """Whether a password is the one that was stored."""
    n, r, p, salt, key = stored.split("$")
    derived = derive_key(password, base64.b64decode(salt), Cost(int(n), int(r), int(p)))
    return hmac.compare_digest(derived, base64.b64decode(key))


def derive_key(password: str, salt: bytes, cost: Cost) -> bytes:
    """The key that scrypt derives from a password."""
    return hashlib.scrypt(password.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p)


def to_text(data: bytes) -> str:
    """Bytes as text for the database."""
    return base64.b64encode(data).decode()
`);
}

export function tokensFile(): string {
  return fileText(`
"""Access tokens: signed, so that the service knows its own, and valid for a limited time."""

import datetime as dt
import logging
import secrets

import jwt

from app.errors import UnauthorizedError
from app.models.base import utc_now

ALGORITHM = "HS256"
LIFETIME = dt.timedelta(hours=8)
MIN_KEY_LENGTH = 32

logger = logging.getLogger(__name__)


def signing_key(configured: str | None) -> str:
    """The configured key, or else a random one that lasts as long as the process."""
    if not configured:
        logger.warning("SECRET_KEY is not set: a restart will sign everybody out.")
        return secrets.token_hex(MIN_KEY_LENGTH)
    if len(configured) < MIN_KEY_LENGTH:
        raise ValueError(f"SECRET_KEY needs {MIN_KEY_LENGTH} characters or more.")
    return configured


class TokenIssuer:
    """Issues tokens and reads its own."""

    def __init__(self, key: str, lifetime: dt.timedelta = LIFETIME) -> None:
        self.key = key
        self.lifetime = lifetime

    @property
    def seconds(self) -> int:
        """How long a token is valid."""
        return int(self.lifetime.total_seconds())

    def issue(self, account_id: int) -> str:
        """A token that stands for an account."""
        claims = {"sub": str(account_id), "exp": utc_now() + self.lifetime}
        return jwt.encode(claims, self.key, algorithm=ALGORITHM)

    def read(self, token: str) -> int:
        """The account that a token stands for; raises where it is forged or expired."""
        options = {"require": ["exp", "sub"]}
        try:
            claims = jwt.decode(token, self.key, algorithms=[ALGORITHM], options=options)
        except jwt.InvalidTokenError:
            raise UnauthorizedError("The sign-in is not valid or has expired.") from None
        return int(claims["sub"])
`);
}

export function accountSchemaFile(project: ProjectModel): string {
  const roles = `

class AccountPage(BaseModel):
    """Part of the accounts, and how many there are in all."""

    items: list[AccountRead]
    total: int
    limit: int
    offset: int


class RoleChange(BaseModel):
    """What an admin may change about an account."""

    role: Role
`;
  return fileText(`
"""What clients send and get for accounts."""

import datetime as dt
from typing import TYPE_CHECKING

from pydantic import BaseModel, constr

from app.models.account import Account, Role

if TYPE_CHECKING:
    Email = str
    NewPassword = str
    PersonName = str
    AnyPassword = str
else:
    Email = constr(strip_whitespace=True, min_length=3, max_length=254)
    NewPassword = constr(min_length=8, max_length=128)
    PersonName = constr(strip_whitespace=True, min_length=1, max_length=100)
    #: A password to check: of any length that scrypt should be bothered with.
    AnyPassword = constr(max_length=128)


class Registration(BaseModel):
    """A new account."""

    email: Email
    password: NewPassword
    name: PersonName


class Credentials(BaseModel):
    """What someone signs in with."""

    email: Email
    password: AnyPassword


class AccessToken(BaseModel):
    """What a client sends with its requests, and for how many seconds it is valid."""

    access_token: str
    token_type: str = "bearer"
    expires_in: int


class AccountRead(BaseModel):
    """An account as others may see it."""

    id: int
    label: str
    email: str
    name: str
    role: Role
    created_at: dt.datetime
    updated_at: dt.datetime

    @classmethod
    def of(cls, account: Account) -> "AccountRead":
        """The answer for a stored account: never with its password."""
        return cls(
            id=account.id,
            label=account.label,
            email=account.email,
            name=account.name,
            role=account.role,
            created_at=account.created_at,
            updated_at=account.updated_at,
        )
${has(project, 'roles') ? roles : ''}`);
}

export function accountRepositoryFile(project: ProjectModel): string {
  const admins = `
    def count_admins(self) -> int:
        """How many accounts are admins."""
        return self.count(Account.role == Role.ADMIN)
`;
  const roles = has(project, 'roles');
  return fileText(`
"""Reading and writing accounts."""

from sqlalchemy import select

from app.models.account import Account${roles ? ', Role' : ''}
from app.repositories.base import Repository


class AccountRepository(Repository[Account]):
    """Access to the table of accounts."""

    model = Account

    def by_email(self, email: str) -> Account | None:
        """The account of an address in lower case, or None."""
        return self.session.scalar(select(Account).where(Account.email == email))
${roles ? admins : ''}`);
}

export function accountServiceFile(project: ProjectModel): string {
  const roles = has(project, 'roles');
  const role = roles ? ',\n            role=self.first_role()' : '';
  const methods = `
    def first_role(self) -> Role:
        """The first account is the admin: somebody has to be."""
        return Role.MEMBER if self.accounts.count() else Role.ADMIN

    def find(self, page: PageRequest) -> tuple[list[Account], int]:
        """One page of the accounts, newest first, and how many there are in all."""
        return self.accounts.page([], page)

    def change_role(self, account_id: int, role: Role) -> Account:
        """Makes an account an admin or a member; the last admin stays one."""
        account = self.accounts.get(account_id)
        if account is None:
            raise NotFoundError(f"There is no account with id {account_id}.")
        if self.is_last_admin(account) and role is not Role.ADMIN:
            raise ConflictError("The last admin cannot become a member.", "role")
        account.role = role
        self.session.commit()
        return account

    def is_last_admin(self, account: Account) -> bool:
        """Whether nobody else is an admin."""
        return account.role is Role.ADMIN and self.accounts.count_admins() == 1
`;
  const errors = ['ConflictError', 'InvalidInputError', ...(roles ? ['NotFoundError'] : []), 'UnauthorizedError'];
  return fileText(`
"""The rules around accounts."""

import re

from sqlalchemy.orm import Session

from app.errors import ${errors.join(', ')}
from app.models.account import Account${roles ? ', Role' : ''}
${roles ? 'from app.pagination import PageRequest\n' : ''}from app.passwords import hash_password, verify_password
from app.repositories.account import AccountRepository
from app.schemas.account import Credentials, Registration
from app.schemas.base import values_of
from app.services.base import check_storable

EMAIL = re.compile(r"[^@\\s]+@[^@\\s]+\\.[^@\\s]+")


class AccountService:
    """Registers accounts and checks who signs in."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.accounts = AccountRepository(session)

    def register(self, registration: Registration) -> Account:
        """Stores a new account; no two have the same address."""
        check_storable(values_of(registration))
        email = checked_email(registration.email)
        if self.accounts.by_email(email) is not None:
            raise ConflictError("There is already an account with this address.", "email")
        account = Account(
            email=email,
            name=registration.name,
            password_hash=hash_password(registration.password)${role},
        )
        self.accounts.add(account)
        self.session.commit()
        return account

    def authenticate(self, credentials: Credentials) -> Account:
        """The account of an address and its password; an error does not tell which was wrong."""
        check_storable(values_of(credentials))
        account = self.accounts.by_email(credentials.email.lower())
        if not is_password_of(account, credentials.password) or account is None:
            raise UnauthorizedError("The address or the password is wrong.")
        return account
${roles ? methods : ''}

def checked_email(text: str) -> str:
    """An address in lower case; raises where it cannot be one."""
    if not EMAIL.fullmatch(text):
        raise InvalidInputError("This is no e-mail address.", "email")
    return text.lower()


def is_password_of(account: Account | None, password: str) -> bool:
    """Whether the password fits; takes as long where there is no account, which tells nothing."""
    if account is None:
        hash_password(password)
        return False
    return verify_password(password, account.password_hash)
`);
}
