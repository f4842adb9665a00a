"""What a browser would send from a page: the values of a form's controls, read from its HTML."""

from __future__ import annotations

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


class _Forms(HTMLParser):
    def __init__(self, scripts: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts = scripts
        self.forms: list[dict] = [{"action": None, "fields": []}]
        self.hidden = 0  # inside <template>, or inside <noscript> where scripts run
        self.select: dict | None = None
        self.area: dict | None = None

    def _skips(self, tag: str) -> bool:
        return tag == "template" or (tag == "noscript" and self.scripts)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if self._skips(tag):
            self.hidden += 1
        if self.hidden:
            return
        if tag == "form":
            self.forms.append({"action": given.get("action"), "fields": []})
        elif tag == "input":
            self._input(given)
        elif tag == "textarea":
            self.area = {"name": given["name"], "text": ""}
        elif tag == "select":
            self.select = {"name": given["name"], "options": []}
        elif tag == "option" and self.select is not None:
            self.select["options"].append((given.get("value"), "selected" in given))

    def _input(self, given):
        kind = given.get("type", "text")
        is_off = kind in {"radio", "checkbox"} and "checked" not in given
        if given.get("name") and not is_off and kind not in {"submit", "button", "file"}:
            self._send(given["name"], given.get("value") or ("on" if kind == "checkbox" else ""))

    def handle_endtag(self, tag):
        if self._skips(tag):
            self.hidden -= 1
        elif self.hidden:
            return
        elif tag == "textarea":
            # HTML drops one line break after the start tag; a browser sends each break as CR LF.
            text = self.area["text"].replace("\r\n", "\n")
            self._send(self.area["name"], text.removeprefix("\n").replace("\n", "\r\n"))
            self.area = None
        elif tag == "select":
            options = self.select["options"]
            chosen = [value for value, selected in options if selected] or [value for value, _ in options[:1]]
            if chosen:
                self._send(self.select["name"], chosen[-1])
            self.select = None

    def handle_data(self, data):
        if self.area is not None:
            self.area["text"] += data

    def _send(self, name: str, value: str) -> None:
        self.forms[-1]["fields"].append((name, value))


def fields_of(html: str, *, having: str, scripts: bool = True) -> MultiDict:
    """Return what the form that has a control named `having` would send.

    Parameters
    ----------
    scripts:
        Whether the browser runs scripts; without, it shows what stands in <noscript>.
    """
    parser = _Forms(scripts)
    parser.feed(html)
    parser.close()
    found = [form for form in parser.forms if any(name == having for name, _ in form["fields"])]
    assert len(found) == 1, f"{len(found)} forms have a control named {having}"
    return MultiDict(found[0]["fields"])
