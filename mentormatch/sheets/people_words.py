"""Addresses, roles, languages of messages and answers from a list."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from types import MappingProxyType

from mentormatch.core.names import half_width
from mentormatch.core.roles import PARTICIPANT_ROLES, ROLE_LABELS, Role
from mentormatch.core.wording import Language
from mentormatch.sheets.characters import folded, trimmed
from mentormatch.sheets.heading_keys import key
from mentormatch.sheets.parsed import Parsed, one

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(
    rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])"
)
_WRAPPED = re.compile(r"(?:mailto:\s*)?(?:[^<>]*<([^<>]*)>|([^<>]*))")
_BETWEEN = re.compile(r"[\s,;、；／]+")
_LONGEST_ADDRESS = 254

_ROLES = MappingProxyType(
    {
        key(word): role
        for role, words in {
            Role.INTERN: "intern interns internship student students mentee mentees インターン インターン生 学生 "
            "在学生 大学生 インターンシップ生 大学院生 院生 学部生 メンティー 内定者 実習生 受講生 参加学生 学生参加者",
            Role.MENTOR: "mentor mentors employee employees staff メンター メンター社員 社員メンター 社員 社会人 "
            "従業員 職員 先輩社員 若手社員",
            Role.ALUMNUS: "alumnus alumna alumni alumnae alum alums graduate ob og obog ogob 卒業生 校友 修了生 "
            "同窓生 先輩",
        }.items()
        for word in (*words.split(), role.value, ROLE_LABELS[role].en, ROLE_LABELS[role].ja)
    }
)
_MESSAGE_LANGUAGES: MappingProxyType[str, Language] = MappingProxyType(
    {
        **dict.fromkeys(map(key, ("ja", "jp", "jpn", "japanese", "日本語", "和文", "日")), "ja"),
        **dict.fromkeys(map(key, ("en", "eng", "english", "英語", "英文", "英")), "en"),
    }
)
_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_CLOSE_ENOUGH = 0.5
_LONGEST_COMPARED = 100
_COMMON = re.compile(r"大学院|学部|学科|学群|学環|研究科|専攻|faculty|school|department|college|graduate|(?<=[a-z])of")
_SUGGESTIONS = 3


def email(text: str) -> Parsed[str]:
    """Return an e-mail address with its domain in lower case.

    What only a repair would make valid is not taken but proposed: full-width letters (the code ``email_full_width``),
    blanks and commas (``email_form``), the first of several addresses (``email_several``). Letters outside ASCII are
    refused: аdmin with a Cyrillic а is another person's name for an account.
    """
    text = trimmed(text)
    match = _WRAPPED.fullmatch(text)
    text = (match.group(1) or match.group(2) or "").strip() if match else text
    if not text:
        return Parsed(None)
    if _is_address(text):
        return Parsed(_lower_domain(text))
    half = half_width(text).strip()
    if half != text and _is_address(half):
        return one(None, "email_full_width", half)
    addresses = [part for part in _BETWEEN.split(half) if _is_address(part)]
    if len(addresses) > 1:
        return one(None, "email_several", addresses[0])
    if not half.isascii():
        return one(None, "email_letters")
    tidy = re.sub(r"\s+", "", half).replace(",", ".").rstrip(".;:").replace("..", ".") if half.count("@") == 1 else ""
    return one(None, "email_form", tidy if _is_address(tidy) else None)


def _is_address(text: str) -> bool:
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def _lower_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def role(text: str) -> Parsed[Role]:
    """Return the role that a word of either language names: 学生, メンター, OB・OG, ``alumni``."""
    word = trimmed(text)
    if not word:
        return Parsed(None)
    found = _ROLES.get(key(word)) or _ROLES.get(key(_BRACKETS.sub("", word)))
    return Parsed(found) if found else one(None, "not_in_list")


def message_language(text: str) -> Parsed[Language]:
    """Return the language of messages, ``"ja"`` or ``"en"``."""
    word = trimmed(text)
    if not word:
        return Parsed(None)
    found = _MESSAGE_LANGUAGES.get(key(word))
    return Parsed(found) if found else one(None, "not_in_list")


def choice(text: str, allowed: Sequence[str]) -> Parsed[str]:
    """Return the member of `allowed` that `text` means, whatever its width and case; any text if none is set."""
    word = " ".join(trimmed(text).split())
    if not word or not allowed:
        return Parsed(word or None)
    wanted = folded(word)
    found = next((candidate for candidate in allowed if folded(candidate) == wanted), None)
    return Parsed(found) if found is not None else one(None, "not_in_list")


def closest(text: str, allowed: Sequence[str]) -> list[str]:
    """Return up to three members of `allowed` that `text` may have meant, the likeliest first.

    What all of them share is not compared: 情報学部 is not like 法学部 because of the 学部.
    """
    forms = {_core(candidate): candidate for candidate in reversed(allowed)}
    wanted = _core(text[:_LONGEST_COMPARED])
    return [forms[form] for form in difflib.get_close_matches(wanted, forms, _SUGGESTIONS, _CLOSE_ENOUGH)]


def _core(text: str) -> str:
    form = folded(text)
    return _COMMON.sub("", form) or form


ROLE_CHOICES = tuple(role.value for role in PARTICIPANT_ROLES)
