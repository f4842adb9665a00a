"""Signing in by a mailed link, in a real browser."""

from __future__ import annotations

import pytest

from tests.factories import a_programme, a_staff_member


@pytest.mark.parametrize(
    ("language", "ask", "go_on"),
    [("ja", "ログイン用リンクを受け取る", "続ける"), ("en", "Send me a sign-in link", "Continue")],
)
def test_the_mailed_link_signs_in_once(site, open_tab, language, ask, go_on):
    programme = a_programme(site.session)
    admin = a_staff_member(site.session, programme, language=language)
    tab = open_tab(language=language)
    tab.go("/sign-in")
    assert tab.axe() == []
    tab.page.locator("#email").fill(admin.email)
    tab.page.get_by_role("button", name=ask).click()
    tab.page.wait_for_url("**/sign-in/link")
    letters = tab.page.locator("tbody a")
    tab.go("/mailbox/")
    while not letters.count():
        tab.page.reload()
    letters.first.click()
    link = tab.page.locator(".mm-letter a")
    address = link.get_attribute("href")
    link.click()
    tab.page.get_by_role("button", name=go_on).click()
    tab.page.wait_for_url(f"**/programmes/{programme.slug}/")
    again = open_tab(language=language)
    assert again.page.goto(address).status == 404
    again.complaints.clear()  # the 404 itself is logged by the browser
