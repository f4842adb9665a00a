"""Workbooks that are not what they seem are refused before anything opens them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import pytest

from mentormatch.core.errors import InvalidInput, MentorMatchError, TooLarge
from mentormatch.sheets import workbook as workbook_module
from mentormatch.sheets.reading import read
from mentormatch.sheets.sheet import Limits
from tests.unit.sheets.sheets_of import workbook

GOOD = workbook([["氏名", "メール"], ["山田 太郎", "t@x.jp"]])
SHEET = "xl/worksheets/sheet1.xml"


def rebuilt(changes: Mapping[str, bytes | None] = {}, data: bytes = GOOD) -> bytes:
    """Return the workbook `data` with some of its parts replaced, added, or (None) left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in changes:
                new.writestr(part.filename, old.read(part.filename))
        for name, content in changes.items():
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()


def part(name: str, data: bytes = GOOD) -> bytes:
    """Return one part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


@pytest.fixture
def _unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(_: object) -> None:
        pytest.fail("the archive was opened")

    monkeypatch.setattr(workbook_module.CalamineWorkbook, "from_filelike", opened)


def refused(data: bytes, limits: Limits | None = None) -> MentorMatchError:
    """Return the error with which `data` is refused."""
    with pytest.raises((InvalidInput, TooLarge)) as caught:
        read(data, "people.xlsx", limits)
    return caught.value


def test_a_rebuilt_workbook_is_read() -> None:
    assert len(read(rebuilt(), "people.xlsx").rows) == 1


@pytest.mark.usefixtures("_unopened")
class TestRefusedUnopened:
    """Nothing of these is parsed by the reader."""

    def test_a_bomb(self) -> None:
        cells = b'<worksheet><sheetData><row r="1">' + b"<c><v>1</v></c>" * 20_000_000
        bomb = rebuilt({SHEET: cells})
        assert len(bomb) < 1 << 20
        assert refused(bomb).fields == {"limit": 256}

    def test_a_bomb_below_the_limit_by_its_ratio(self) -> None:
        assert refused(rebuilt({"xl/media/a.png": b"\0" * (20 << 20)})).fields == {"limit": 256}

    def test_a_bomb_that_lies_about_its_size(self) -> None:
        cells = b"<worksheet><sheetData>" + b" " * (40 << 20) + b"</sheetData></worksheet>"
        data = bytearray(rebuilt({SHEET: cells}))
        true_size, lie = struct.pack("<I", len(cells)), struct.pack("<I", 100)
        crc, lying_crc = struct.pack("<I", zlib.crc32(cells)), struct.pack("<I", zlib.crc32(cells[:100]))
        data = data.replace(true_size, lie).replace(crc, lying_crc)
        assert isinstance(refused(bytes(data)), InvalidInput)
        assert isinstance(refused(bytes(data), Limits(unpacked=10 << 20)), TooLarge)

    def test_too_many_parts(self) -> None:
        data = rebuilt({f"xl/{number}.xml": b"<a/>" for number in range(50)})
        assert refused(data, Limits(parts=40)).fields["limit"] == 40

    def test_an_entity(self) -> None:
        evil = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + part(SHEET)
        assert refused(rebuilt({SHEET: evil})).fields == {"what": "DOCTYPE"}

    def test_an_entity_in_strings_or_styles(self) -> None:
        laughs = b'<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
        assert refused(rebuilt({"xl/sharedStrings.xml": laughs})).fields == {"what": "DOCTYPE"}
        assert refused(rebuilt({"docProps/extra.xml": laughs})).fields == {"what": "DOCTYPE"}

    def test_xml_in_another_encoding(self) -> None:
        assert refused(rebuilt({SHEET: b"\xff\xfe" + "<worksheet/>".encode("utf-16-le")})).fields == {
            "what": "XML UTF-16"
        }
        other = b'<?xml version="1.0" encoding="iso-8859-1"?><worksheet/>'
        assert refused(rebuilt({SHEET: other})).fields == {"what": "XML encoding"}

    @pytest.mark.parametrize(
        "name", ["../evil.xml", "/etc/evil.xml", "xl/../../evil.xml", "xl\\evil.xml", "c:evil.xml"]
    )
    def test_a_path_out_of_the_archive(self, name: str) -> None:
        assert refused(rebuilt({name: b"<a/>"})).fields == {"what": "zip path"}

    def test_a_link(self) -> None:
        buffer = io.BytesIO(rebuilt())
        with zipfile.ZipFile(buffer, "a") as archive:
            link = zipfile.ZipInfo("xl/link.xml")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
        assert refused(buffer.getvalue()).fields == {"what": "zip link"}

    def test_an_encrypted_part(self) -> None:
        data = bytearray(rebuilt())
        place = data.rfind(b"PK\x01\x02")
        data[place + 8] |= 1
        assert "password" in str(refused(bytes(data)))

    def test_another_compression(self) -> None:
        buffer = io.BytesIO(rebuilt())
        with zipfile.ZipFile(buffer, "a", zipfile.ZIP_BZIP2) as archive:
            archive.writestr("xl/other.xml", "<a/>" * 100)
        assert refused(buffer.getvalue()).fields == {"what": "zip method"}

    def test_the_same_part_twice(self) -> None:
        buffer = io.BytesIO(rebuilt())
        with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(SHEET, part(SHEET))
        assert refused(buffer.getvalue()).fields == {"what": "zip duplicate"}

    def test_bytes_behind_the_archive(self) -> None:
        buffer = io.BytesIO(rebuilt())
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.comment = b"a second archive could stand here"
        assert refused(buffer.getvalue()).fields == {"what": "zip comment"}

    def test_a_damaged_archive(self) -> None:
        assert "damaged" in str(refused(rebuilt()[:200]))
        broken = bytearray(rebuilt())
        broken[60:70] = b"\xff" * 10
        assert "damaged" in str(refused(bytes(broken)))
        assert "damaged" in str(refused(rebuilt({SHEET: b"<worksheet><sheetData>"})))

    def test_a_sheet_under_another_name(self) -> None:
        rels = part("xl/_rels/workbook.xml.rels").replace(b"worksheets/sheet1.xml", b"media/a.png")
        data = rebuilt({"xl/_rels/workbook.xml.rels": rels, "xl/media/a.png": part(SHEET), SHEET: None})
        assert refused(data).fields == {"what": "worksheet target"}

    @pytest.mark.parametrize("name", ["readme.xml", "content.xml", "xl/workbook.bin"])
    def test_a_zip_of_another_kind(self, name: str) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(name, "<a/>")
        assert "not an .xlsx workbook" in str(refused(buffer.getvalue()))

    def test_a_cell_with_an_impossible_name(self) -> None:
        sheet = part(SHEET)
        assert "damaged" in str(refused(rebuilt({SHEET: sheet.replace(b'r="A1"', b'r="ZZZZ1"')})))
        assert "damaged" in str(refused(rebuilt({SHEET: sheet.replace(b'r="A1"', b'r="ZZZ1"')})))

    def test_more_cells_than_allowed_without_names(self) -> None:
        cells = b"<worksheet><sheetData><row>" + b"<c><v>1</v></c>" * 50 + b"</row></sheetData></worksheet>"
        assert refused(rebuilt({SHEET: cells}), Limits(cells=40)).fields == {"cell": "AO1", "limit": 40}


def test_a_link_to_another_workbook_is_not_followed() -> None:
    link = b'<externalLink><externalBook r:id="rId1" xmlns:r="r"/></externalLink>'
    rels = (
        b'<Relationships><Relationship Id="rId1" TargetMode="External" Target="file:///etc/passwd" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"/></Relationships>'
    )
    data = rebuilt({"xl/externalLinks/externalLink1.xml": link, "xl/externalLinks/_rels/externalLink1.xml.rels": rels})
    assert [row.cells for row in read(data, "people.xlsx").rows] == [("山田 太郎", "t@x.jp")]
