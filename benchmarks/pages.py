"""`python -m benchmarks.pages`: how long the main pages of a round take, beside a trivial page, in one run.

People are made up from the answers of the demo's people, drawn at random; database and files lie in a temporary folder.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mentormatch import create_app
from mentormatch.core.clock import now
from mentormatch.core.config import Config
from mentormatch.core.names import email_key
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Match, Person, Programme, Proposal, Round, RoundState, schema
from mentormatch.queries import actors
from mentormatch.services import criteria, feasibility, rounds, runs
from mentormatch.services.demo import _read
from tests.factories import a_client, a_programme, a_staff_member

MENTORS = 0.24
"""Mentors for each intern: 1,200 for 5,000."""
DAYS = 40


def people(session: Session, programme: Programme, interns: int) -> None:
    """Enrol so many interns and a quarter as many mentors, each with answers of several people of the demo."""
    rng = random.Random(interns)
    hosts = [one for one in _read("hosts.json") if one["role"] == Role.MENTOR]
    for role, number, samples in (
        (Role.INTERN, interns, _read("interns.json")),
        (Role.MENTOR, round(MENTORS * interns), hosts),
    ):
        for count in range(number):
            keys = sorted({key for one in samples for key in one["profile"]})
            drawn = {key: rng.choice(samples)["profile"].get(key) for key in keys}
            email = f"{role}{count}@example.ac.jp"
            name = rng.choice(samples)
            person = Person(
                email=email,
                email_key=email_key(email),
                **{key: name.get(key) or "" for key in ("family_name", "given_name", "family_kana", "given_kana")},
            )
            moment = now() - timedelta(days=rng.random() * DAYS)
            session.add(person)
            session.flush()
            session.add(
                Enrolment(
                    programme_id=programme.id,
                    person_id=person.id,
                    role=role,
                    capacity=rng.randrange(2, 7),
                    profile={key: value for key, value in drawn.items() if value not in (None, "", [])},
                    created_at=moment,
                    updated_at=moment,
                )
            )
    session.commit()


def timed(client: FlaskClient, path: str, times: int) -> tuple[float, float]:
    """Return the median time of a page, passed and of the processor, in ms, after one visit that does not count."""
    passed, spent = [], []
    for _ in range(times + 1):
        start, cpu = time.perf_counter(), time.process_time()
        answer = client.get(path, follow_redirects=False)
        passed.append(1000 * (time.perf_counter() - start))
        spent.append(1000 * (time.process_time() - cpu))
        if answer.status_code != 200:  # noqa: PLR2004 - the page is there
            message = f"{path} answers {answer.status_code}"
            raise RuntimeError(message)
    return median(passed[1:]), median(spent[1:])


def visit(client: FlaskClient, pages: dict[str, str], times: int) -> Iterator[tuple[str, tuple[float, float]]]:
    for name, path in pages.items():
        yield name, timed(client, path, times)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(folder: Path, interns: int, times: int, *, run: bool) -> None:
    """Print the times of one size."""
    address = f"sqlite:///{folder / f'{interns}.db'}"
    config = Config(instance_dir=folder, database_url=address, secret_key="benchmark", base_url="http://localhost")
    app = create_app(replace(config, language="en"))
    with app.app_context():
        engine = app.extensions["mentormatch"].db.engine
        schema.upgrade(engine)
    with Session(engine) as session:
        programme = a_programme(session, slug="big", tracks=["mentor"])
        criteria.install_defaults(session, programme_id=programme.id)
        session.commit()
        person = a_staff_member(session, programme)
        admin = actors.of_person(session, person)
        people(session, programme, interns)
        rounds.create(session, actor=admin, programme_id=programme.id)
        found = session.query(Round).one()
        found.matching_at = now() + timedelta(days=10)
        session.commit()
        round_id = found.id
        client = a_client(app, session, person)
        base = "/programmes/big"
        mentors = round(MENTORS * interns)
        print(f"\n{interns} interns, {mentors} mentors; median of {times}: milliseconds passed, and of CPU")
        worked = seconds(lambda: feasibility.work_out(session, round_id=round_id, keep_alive=lambda: True))
        report(client, before(base), times)
        print(f"{'(in the background: what is possible)':45}{worked:9.1f} s")
        if run:
            run_id = runs.start(session, actor=admin, round_id=round_id)
            worked = seconds(lambda: runs.execute(session, run_id=run_id, keep_alive=lambda: True))
            report(client, review(base), times)
            print(f"{'(in the background: the run)':45}{worked:9.1f} s")
            found = session.get_one(Round, round_id, populate_existing=True)
            found.state, found.published_at = RoundState.PUBLISHED, now()
            proposals = session.scalars(select(Proposal).where(Proposal.run_id == run_id)).all()
            pairs = [{"track": one.track, "intern_id": one.intern_id, "host_id": one.host_id} for one in proposals]
            session.execute(insert(Match), [{**pair, "round_id": round_id, "answer_by": now()} for pair in pairs])
            session.commit()
            report(client, after(base), times)
    with app.app_context():
        engine.dispose()


def report(client: FlaskClient, pages: dict[str, str], times: int) -> None:
    for name, (passed, spent) in visit(client, pages, times):
        print(f"{name:45}{passed:9.0f}{spent:9.0f}")


def before(base: str) -> dict[str, str]:
    """Pages before the run; the first is the floor."""
    return {
        "trivial page (password)": "/account/password",
        "overview": f"{base}/",
        "participants": f"{base}/participants/",
        "rounds": f"{base}/rounds/",
        "settings of the round": f"{base}/rounds/1/settings",
        "before the run": f"{base}/rounds/1/readiness",
    }


def review(base: str) -> dict[str, str]:
    """Pages after the run."""
    return {
        "review": f"{base}/rounds/1/review",
        "review, unmatched": f"{base}/rounds/1/review?tab=unmatched",
        "review, by mentor": f"{base}/rounds/1/review?tab=hosts",
        "review, search": f"{base}/rounds/1/review?q=sato",
    }


def after(base: str) -> dict[str, str]:
    """Pages after publication."""
    return {
        "answers": f"{base}/rounds/1/review",
        "ledger, interns": f"{base}/rounds/ledger",
        "ledger, hosts": f"{base}/rounds/ledger?side=hosts",
        "ledger, search": f"{base}/rounds/ledger?q=sato&order=fit",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 5000], help="numbers of interns")
    parser.add_argument("--times", type=int, default=5, help="visits of each page")
    parser.add_argument("--no-run", action="store_true", help="leave out the run and the pages after it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for interns in options.sizes:
            measure(Path(folder), interns, options.times, run=not options.no_run)


if __name__ == "__main__":
    main()
