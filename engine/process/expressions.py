"""The small language of conditions and decision cells: names, constants, comparisons, and/or/not.

SpiffWorkflow hands every expression to Python's `eval`; a process file is an input like any other, so here an
expression is read into a closure over a whitelist of syntax instead, once per text. Used by the profile check and
by the engine that runs the process.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from engine.errors import ProcessError

MAX_LENGTH = 500

Names = Mapping[str, Any]
Term = Callable[[Names], Any]

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


class NotAnExpression(ProcessError, SyntaxError):
    """The text is not in the language. Also a SyntaxError: SpiffWorkflow tells `>= 5` from `5` by catching one."""


def evaluate(text: str, names: Names) -> Any:
    """The value of `text` under `names`. Raises ProcessError for foreign syntax, missing names, unlike types."""
    try:
        return compile_expression(text)(names)
    except TypeError as error:
        raise ProcessError(f"表达式“{text}”比较了不同类型的值。", "请检查流程变量的取值。") from error


@lru_cache(maxsize=1024)
def compile_expression(text: str) -> Term:
    """A function of the names that gives the value of `text`. Raises NotAnExpression naming what is not allowed."""
    return _term(_parse(text), text)


def names_in(text: str) -> frozenset[str]:
    """The variables `text` reads."""
    compile_expression(text)
    return frozenset(node.id for node in ast.walk(_parse(text)) if isinstance(node, ast.Name))


def is_constant(text: str) -> bool:
    """Whether `text` is one string, number or truth value."""
    try:
        return isinstance(_parse(text), ast.Constant) and compile_expression(text) is not None
    except NotAnExpression:
        return False


def _parse(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise NotAnExpression(f"表达式超过 {MAX_LENGTH} 个字符：“{text[:40]}…”。", "请拆成几个网关。")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refusal(text, "写法不完整") from error


def _refusal(text: str, why: str) -> NotAnExpression:
    return NotAnExpression(
        f"表达式“{text}”不被允许：{why}。", "只能用变量名、常量、比较（== != < <= > >= in）和 and、or、not。"
    )


def _term(node: ast.expr, text: str) -> Term:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return _always(value)
        case ast.Name(id=name):
            return _name(name, text)
        case ast.BoolOp(op=connective, values=parts):
            return _joined(connective, [_term(part, text) for part in parts])
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            negated = _term(inner, text)
            return lambda names: not negated(names)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _chain(left, ops, comparators, text)
        case _:
            raise _refusal(text, f"出现了 {type(node).__name__}")


def _always(value: Any) -> Term:
    return lambda _: value


def _name(name: str, text: str) -> Term:
    if name.startswith("__"):
        raise _refusal(text, f"变量名 {name} 以下划线开头")

    def read(names: Names) -> Any:
        if name not in names:
            raise ProcessError(f"表达式“{text}”用到的变量“{name}”还没有值。", "请检查流程图在此之前是否写入了它。")
        return names[name]

    return read


def _joined(connective: ast.boolop, terms: list[Term]) -> Term:
    decides = bool if isinstance(connective, ast.Or) else operator.not_

    def first_that_decides(names: Names) -> Any:
        value = None
        for term in terms:
            value = term(names)
            if decides(value):
                break
        return value

    return first_that_decides


def _chain(left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr], text: str) -> Term:
    pairs = [(_comparison(op, text), _operand(op, right, text)) for op, right in zip(ops, comparators, strict=True)]
    first = _term(left, text)

    def holds(names: Names) -> bool:
        value = first(names)
        for compare, term in pairs:
            other = term(names)
            if not compare(value, other):
                return False
            value = other
        return True

    return holds


def _comparison(op: ast.cmpop, text: str) -> Callable[[Any, Any], bool]:
    if type(op) not in _COMPARISONS:
        raise _refusal(text, "不能用 is 比较")
    return _COMPARISONS[type(op)]


def _operand(op: ast.cmpop, node: ast.expr, text: str) -> Term:
    if not isinstance(op, ast.In | ast.NotIn):
        return _term(node, text)
    if not isinstance(node, ast.List) or not all(isinstance(item, ast.Constant) for item in node.elts):
        raise _refusal(text, "in 的右边必须是写明的列表，如 [“甲”, “乙”]")
    members = tuple(_term(item, text)({}) for item in node.elts)
    return _always(members)
