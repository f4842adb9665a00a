"""A real browser against the real application: web server, worker, database and mail folder of each test's own."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from mentormatch import create_app
from mentormatch.channels.mail import FolderWay
from mentormatch.core.config import Config
from mentormatch.models import Person
from mentormatch.services import accounts
from mentormatch.worker.loop import Worker

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
DESKTOP, PHONE = {"width": 1296, "height": 900}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    absent = pytest.mark.skip(reason="no /usr/bin/chromium; as root: apt-get install chromium fonts-noto-cjk")
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            if not CHROMIUM.exists():
                item.add_marker(absent)


class Quiet(WSGIRequestHandler):
    """Requests are no news."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Site:
    """The running application."""

    app: Flask
    config: Config
    session: Session

    @property
    def url(self) -> str:
        return self.config.base_url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def site(config: Config, session: Session, engine) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = replace(config, base_url=f"http://127.0.0.1:{port}")
    app = create_app(settings)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    worker = Worker(engine=engine, config=settings, way=FolderWay(settings.mailbox), sign_in_links=True)
    stop = threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(target=worker.run, args=(stop,), daemon=True),
    ]
    for thread in threads:
        thread.start()
    yield Site(app, settings, session)
    stop.set()
    server.shutdown()
    for thread in threads:
        thread.join(timeout=20)
    server.server_close()
    with app.app_context():
        app.extensions["mentormatch"].db.engine.dispose()


@dataclass
class Tab:
    """One browser tab that remembers what went wrong in it."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.site.url + path)

    def see(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def axe(self) -> list[str]:
        """Return what axe finds on the present page, one line each."""
        if self.page.evaluate("typeof axe === 'undefined'"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [f"{self.page.url} {item['id']}: {node['html'][:200]}" for item in found for node in item["nodes"]]


@pytest.fixture
def open_tab(browser: Browser, site: Site) -> Iterator[Callable[..., Tab]]:
    """Open a tab in which a person is signed in, in a language, a theme and a width; console errors fail the test."""
    contexts, tabs = [], []

    def open_one(
        person: Person | None = None, *, language: str = "ja", theme: str = "light", size: dict | None = None
    ) -> Tab:
        context = browser.new_context(
            viewport=size or DESKTOP,
            locale=language,
            color_scheme=theme,
            timezone_id="Asia/Tokyo",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        if person is not None:
            token = accounts.open_session(site.session, person_id=person.id)
            context.add_cookies([{"name": "mm_session", "value": token, "url": site.url}])
        tab = Tab(context.new_page(), site)
        tab.page.on("console", lambda said: said.type == "error" and tab.complaints.append(said.text))
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        contexts.append(context)
        tabs.append(tab)
        return tab

    yield open_one
    complaints = [line for tab in tabs for line in tab.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
