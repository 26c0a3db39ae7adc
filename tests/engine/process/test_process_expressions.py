"""The language of conditions: what it means, and that nothing else can be said in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ProcessError
from engine.process.decisions import is_input_cell
from engine.process.expressions import NotAnExpression, compile_expression, evaluate, is_constant, names_in

NAMES: dict[str, Any] = {"outcome": "signed", "count": 3, "concerns": False}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('outcome == "signed"', True),
        ('outcome != "signed"', False),
        ('outcome in ["redo", "revise"]', False),
        ('outcome not in ["redo", "revise"]', True),
        ("not concerns", True),
        ("2 < count <= 3", True),
        ("2 < count < 3", False),
        ('concerns and missing == "x"', False),
        ('not concerns or missing == "x"', True),
        ('outcome == "redo" or outcome == "signed" and count >= 3', True),
        ("(count == 3) == (True)", True),
        ('"审查"', "审查"),
        ("1.5", 1.5),
    ],
)
def test_expressions_mean_what_python_means(text: str, value: object) -> None:
    assert evaluate(text, NAMES) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "open('/etc/passwd')",
        "outcome.upper()",
        "outcome.__class__",
        "().__class__.__base__.__subclasses__()",
        "[x for x in count]",
        "lambda: 1",
        "outcome[0]",
        "count + 1",
        "-count",
        "f'{outcome}'",
        "outcome is None",
        "outcome in names",
        "outcome in [count]",
        "outcome in ['a', __import__('os')]",
        "(outcome := 'x')",
        "None",
        "b'x'",
        "...",
        "__builtins__",
        "outcome == ",
        "outcome = 'x'",
        "a; b",
        "",
        "(" * 200,
        "x" * 501,
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(NotAnExpression) as refused:
        compile_expression(text)
    assert refused.value.code == "process_error"


def test_missing_names_and_unlike_types_are_named_in_chinese() -> None:
    with pytest.raises(ProcessError, match="变量“decision”还没有值"):
        evaluate('decision == "x"', NAMES)
    with pytest.raises(ProcessError, match="比较了不同类型的值"):
        evaluate('count > "x"', NAMES)


def test_the_names_an_expression_reads_are_known() -> None:
    assert names_in('outcome == "redo" or concerns and count > 2') == {"outcome", "concerns", "count"}


@pytest.mark.parametrize(
    ("text", "constant"), [('"a"', True), ("5", True), ("True", True), ("a", False), ("1+1", False)]
)
def test_constants(text: str, constant: bool) -> None:
    assert is_constant(text) == constant


@pytest.mark.parametrize(
    ("cell", "allowed"),
    [
        ('"a"', True),
        ("True", True),
        (">= 5", True),
        ('!= "a"', True),
        ('? in ["a", "b"]', True),
        ('? not in ["a"]', True),
        ('"a","b"', False),
        ('not("a")', False),
        ("[1..10]", False),
        ("true", False),
        ("> other", False),
        ("? in others", False),
        ("? in [] or x == 1", False),
        ('? == "a"', False),
    ],
)
def test_decision_cells_have_three_forms(cell: str, allowed: bool) -> None:
    assert is_input_cell(cell) == allowed


_atoms = st.sampled_from(["a", "b", "c", "True", "False", '"x"', "1", "2"])
_texts = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["==", "!=", "and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"(not {t})"),
        st.tuples(inner, st.lists(st.sampled_from(['"x"', "1", "True"]))).map(
            lambda t: f"({t[0]} in [{', '.join(t[1])}])"
        ),
    ),
    max_leaves=12,
)


@given(_texts, st.fixed_dictionaries({n: st.sampled_from([True, False, "x", 1, 2]) for n in "abc"}))
def test_values_agree_with_python(text: str, names: dict[str, Any]) -> None:
    if len(text) <= 500:
        assert evaluate(text, names) == eval(text, {}, dict(names))  # noqa: S307


@given(st.text(max_size=60))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        compile_expression(text)
    except NotAnExpression as refusal:
        assert refusal.message.startswith("表达式“")
    else:
        assert names_in(text) is not None
