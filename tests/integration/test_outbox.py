"""The outbox against a real database and a real SMTP server on loopback."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from mentormatch.channels import mailbox
from mentormatch.channels.mail import FolderWay, SmtpWay
from mentormatch.core import clock
from mentormatch.models import Message, MessageState, SignInLink
from mentormatch.models.base import writing
from mentormatch.services import delivery, outbox
from mentormatch.services.accounts import token_hash
from tests.factories import a_person, a_programme, an_enrolment


def _post(session, person, **more):
    with writing(session):
        outbox.post(session, kind="sign_in_link", reason="sign-in:1", person_id=person.id, **more)


def _deliver(session, config, way=None, owner="one"):
    return delivery.deliver_next(
        session, config=config, way=way or FolderWay(config.mailbox), owner=owner, sign_in_links=True
    )


def _states(session):
    session.rollback()
    return list(session.execute(select(Message.state, Message.state_reason).order_by(Message.id)))


def test_one_reason_is_one_message(session, config):
    person = a_person(session, language="ja")
    _post(session, person)
    _post(session, person)
    assert (_deliver(session, config), _deliver(session, config)) == (True, False)
    assert _states(session) == [(MessageState.SENT, "")]
    (mail,) = mailbox.kept(config.mailbox)
    assert mail.subject == "MentorMatch のログイン用リンク"


def test_the_link_in_the_mail_is_the_only_place_where_its_token_stands(session, config):
    _post(session, a_person(session))
    _deliver(session, config)
    (mail,) = mailbox.kept(config.mailbox)
    token = mail.body.partition("/sign-in/link/")[2].split()[0]
    assert session.scalars(select(SignInLink.token_hash)).all() == [token_hash(token)]
    assert token not in str(session.execute(select(Message.__table__)).all())


def test_a_stale_message_is_never_sent(session, config):
    _post(session, a_person(session), expires_at=clock.now() - timedelta(seconds=1))
    _deliver(session, config)
    assert _states(session) == [(MessageState.EXPIRED, "too late to be of use")]
    assert mailbox.kept(config.mailbox) == []


def test_what_is_no_longer_so_is_not_reported(session, config):
    programme = a_programme(session)
    enrolment = an_enrolment(session, programme)
    with writing(session):
        outbox.post(
            session, kind="invitation", reason="i", person_id=enrolment.person_id, facts={"enrolment_id": enrolment.id}
        )
    session.delete(enrolment)
    session.commit()
    _deliver(session, config)
    assert _states(session) == [(MessageState.DROPPED, "no longer enrolled")]


class Sink:
    """An SMTP server that answers as told and keeps what it accepted."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.accepted = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.accepted.append(envelope)
        return answer


@contextmanager
def _smtp(sink):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield SmtpWay(f"smtp://127.0.0.1:{port}")
    finally:
        controller.stop()


@pytest.fixture
def at_rest(monkeypatch):
    """A clock that stands still until it is told to go on."""
    moment = [clock.now()]
    for module in (outbox, delivery):
        monkeypatch.setattr(module, "now", lambda: moment[0])

    def go_on(**much):
        moment[0] += timedelta(**much)

    return go_on


def test_a_busy_server_gets_the_same_message_later(session, config, at_rest):
    _post(session, a_person(session))
    sink = Sink("451 later", "250 OK")
    with _smtp(sink) as way:
        assert _deliver(session, config, way)
        assert not _deliver(session, config, way)
        at_rest(seconds=31)
        assert _deliver(session, config, way)
    assert _states(session)[0][0] is MessageState.SENT
    assert [envelope.rcpt_tos for envelope in sink.accepted] == [[session.scalar(select(Message)).person.email]]


@pytest.mark.parametrize("address", ["a@x.example.jp,other.example.jp", "a@x.example.jp;other.example.jp"])
def test_a_letter_has_one_reader_or_is_not_sent(session, config, address):
    _post(session, a_person(session, email=address))
    sink = Sink()
    with _smtp(sink) as way:
        _deliver(session, config, way)
    assert (_states(session), sink.accepted) == ([(MessageState.FAILED, "this is not one address")], [])


def test_a_refusal_for_good_is_not_tried_again(session, config):
    _post(session, a_person(session))
    with _smtp(Sink("550 no such user")) as way:
        _deliver(session, config, way)
    assert _states(session) == [(MessageState.FAILED, "550 b'no such user'")]


def test_a_server_that_is_away_for_days_loses_nothing(session, config, at_rest):
    _post(session, a_person(session))
    nobody = SmtpWay("smtp://127.0.0.1:9")
    for _ in range(60):
        _deliver(session, config, nobody)
        at_rest(hours=1, minutes=1)
    assert _states(session)[0][0] is MessageState.DUE
    assert _deliver(session, config)
    assert len(mailbox.kept(config.mailbox)) == 1


def test_a_killed_workers_message_goes_on_after_its_lease(session, config, at_rest):
    _post(session, a_person(session))
    assert outbox.claim(session, owner="killed") is not None
    assert outbox.claim(session, owner="other") is None
    at_rest(minutes=3)
    assert _deliver(session, config, owner="other")
    assert _states(session) == [(MessageState.SENT, "")]
