"""Finds every text that the sheets emit, by reading their source."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import mentormatch.sheets

_EMITTERS = {"Message", "InvalidInput", "TooLarge", "Wording", "_warning", "__init__"}


def emitted_texts() -> set[str]:
    """Return the gettext keys in all calls that make a message or an error."""
    modules = [
        importlib.import_module(f"mentormatch.sheets.{found.name}")
        for found in pkgutil.iter_modules(mentormatch.sheets.__path__)
    ]
    return {text for module in modules for text in _texts(module)}


def _texts(module: ModuleType) -> Iterator[str]:
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and _name(node.func) in _EMITTERS:
            for argument in node.args:
                value = _value(argument, module)
                if isinstance(value, str) and (" " in value or value[:1].isupper()):
                    yield value


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _value(argument: ast.expr, module: ModuleType) -> object:
    if isinstance(argument, ast.Name):
        return getattr(module, argument.id, None)
    return argument.value if isinstance(argument, ast.Constant) else None
