/** Tests of accounts that do not need the web framework, and the accounts that tests sign in with. */
import type { ProjectModel } from '../model.ts';
import { fileText } from '../layout.ts';
import { has } from './feature-parts.ts';

export function accountFactoryFile(): string {
  return fileText(`
"""Accounts for tests: stored without the work of hashing a password."""

from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app.models.account import Account
from tests.factories import store

NUMBERS = count(1)


def make_account(session: Session, **overrides: Any) -> Account:
    """A stored account that nobody knows a password for."""
    number = next(NUMBERS)
    values = {"email": f"person{number}@example.com", "name": f"Person {number}", "password_hash": ""}
    return store(session, Account(**{**values, **overrides}))


def registration(**overrides: Any) -> dict[str, Any]:
    """What a client sends to register."""
    values = {"email": "ada@example.com", "password": "correct horse", "name": "Ada"}
    return {**values, **overrides}
`);
}

export function passwordsTestFile(): string {
  return fileText(`
"""Passwords and what is stored of them."""

from app.passwords import Cost, hash_password, verify_password

QUICK = Cost(n=16, r=1, p=1)


def test_a_password_is_known_again() -> None:
    assert verify_password("correct horse", hash_password("correct horse", QUICK))


def test_another_password_is_not() -> None:
    assert not verify_password("battery staple", hash_password("correct horse", QUICK))


def test_equal_passwords_are_stored_differently() -> None:
    assert hash_password("correct horse", QUICK) != hash_password("correct horse", QUICK)


def test_passwords_are_not_stored_in_the_clear() -> None:
    assert "correct horse" not in hash_password("correct horse", QUICK)


def test_the_usual_cost_is_stored_with_the_password() -> None:
    assert hash_password("correct horse").startswith("16384$8$5$")
`);
}

export function tokensTestFile(): string {
  return fileText(`
"""Access tokens."""

import datetime as dt
import logging

import pytest

from app.errors import UnauthorizedError
from app.tokens import TokenIssuer, signing_key


def test_a_token_stands_for_its_account() -> None:
    issuer = TokenIssuer(signing_key(None))

    assert issuer.read(issuer.issue(7)) == 7


def test_an_expired_token_is_refused() -> None:
    issuer = TokenIssuer(signing_key(None), dt.timedelta(seconds=-1))

    with pytest.raises(UnauthorizedError):
        issuer.read(issuer.issue(7))


def test_a_token_of_another_key_is_refused() -> None:
    token = TokenIssuer(signing_key(None)).issue(7)

    with pytest.raises(UnauthorizedError):
        TokenIssuer(signing_key(None)).read(token)


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(UnauthorizedError):
        TokenIssuer(signing_key(None)).read(token)


def test_a_configured_key_is_used() -> None:
    assert signing_key("k" * 32) == "k" * 32


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError):
        signing_key("short")


def test_a_key_that_is_not_configured_is_random_and_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert signing_key("") != signing_key(None)

    assert "SECRET_KEY" in caplog.text
`);
}

const ROLE_TESTS = `

def test_the_first_account_is_the_admin(service: AccountService) -> None:
    first = service.register(Registration(**registration()))
    second = service.register(Registration(**registration(email="bob@example.com")))

    assert (first.role, second.role) == (Role.ADMIN, Role.MEMBER)


def test_the_last_admin_stays_one(session: Session, service: AccountService) -> None:
    admin = make_account(session, role=Role.ADMIN)

    with pytest.raises(ConflictError):
        service.change_role(admin.id, Role.MEMBER)


def test_one_of_two_admins_can_become_a_member(session: Session, service: AccountService) -> None:
    admin = make_account(session, role=Role.ADMIN)
    make_account(session, role=Role.ADMIN)

    assert service.change_role(admin.id, Role.MEMBER).role is Role.MEMBER


def test_the_role_of_an_unknown_account_cannot_change(service: AccountService) -> None:
    with pytest.raises(NotFoundError):
        service.change_role(999, Role.ADMIN)
`;

export function accountServiceTestFile(project: ProjectModel): string {
  const roles = has(project, 'roles');
  const errors = ['ConflictError', 'InvalidInputError', ...(roles ? ['NotFoundError'] : []), 'UnauthorizedError'];
  const helpers = roles ? 'make_account, registration' : 'registration';
  return fileText(`
"""The rules around accounts."""

import pytest
from sqlalchemy.orm import Session

from app.errors import ${errors.join(', ')}
${roles ? 'from app.models.account import Role\n' : ''}from app.schemas.account import Credentials, Registration
from app.services.account import AccountService
from tests.accounts import ${helpers}


@pytest.fixture
def service(session: Session) -> AccountService:
    """The service on the database of the test."""
    return AccountService(session)


def test_who_registers_can_sign_in(service: AccountService) -> None:
    account = service.register(Registration(**registration(email="Ada@Example.com")))
    credentials = Credentials(email="ADA@example.com", password="correct horse")

    assert service.authenticate(credentials) is account


def test_an_address_has_one_account(session: Session, service: AccountService) -> None:
    service.register(Registration(**registration()))

    with pytest.raises(ConflictError) as caught:
        service.register(Registration(**registration(email="ADA@example.com")))

    assert caught.value.field == "email"


@pytest.mark.parametrize("email", ["ada", "ada@home", "a b@example.com", "ada@@example.com"])
def test_what_is_no_address_is_refused(service: AccountService, email: str) -> None:
    with pytest.raises(InvalidInputError):
        service.register(Registration(**registration(email=email)))


def test_errors_do_not_tell_what_was_wrong(service: AccountService) -> None:
    service.register(Registration(**registration()))

    with pytest.raises(UnauthorizedError) as wrong_password:
        service.authenticate(Credentials(email="ada@example.com", password="battery staple"))
    with pytest.raises(UnauthorizedError) as wrong_address:
        service.authenticate(Credentials(email="bob@example.com", password="correct horse"))

    assert wrong_password.value.detail == wrong_address.value.detail
${roles ? ROLE_TESTS : ''}`);
}
