"""The ground holds: the schema path, the guard, the language switch."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from mentormatch.core.policy import Permission
from mentormatch.models import Base, schema
from tests.factories import a_client, a_programme, a_staff_member, post


def test_up_down_up_and_nothing_left_to_generate(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/x.db")
    schema.upgrade(engine)
    schema.downgrade(engine, "base")
    assert inspect(engine).get_table_names() == [schema.VERSION_TABLE]
    schema.upgrade(engine)
    assert schema.is_current(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert [change for change in compare_metadata(context, Base.metadata) if "alembic" not in str(change)] == []
    engine.dispose()


def test_every_route_names_its_permission(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            continue
        assert isinstance(getattr(app.view_functions[rule.endpoint], "permission", None), Permission), rule


def test_a_visitor_is_sent_to_sign_in(app, session):
    answer = a_client(app, session).get("/")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/")


def test_a_programme_of_others_does_not_exist(app, session):
    ours, theirs = a_programme(session), a_programme(session)
    admin = a_staff_member(session, ours)
    client = a_client(app, session, admin)
    assert client.get(f"/programmes/{theirs.slug}/participants/").status_code == 404
    assert client.get(f"/programmes/{ours.slug}/participants/").status_code == 200


def test_a_post_without_the_token_is_refused(app, session):
    client = a_client(app, session)
    assert client.post("/language", data={"language": "ja"}).status_code == 403
    assert post(client, "/language", {"language": "ja"}).status_code == 303
