"""Folding: one character in, one character out, and what looks alike reads alike."""

from hypothesis import given
from hypothesis import strategies as st

from engine.documents import fold


@given(st.text())
def test_fold_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_fold_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_fold_brings_widths_and_brackets_to_one_form() -> None:
    assert fold("（一）、１．ＡＢ：【甲】〔2025〕") == "(一)、1.AB:[甲][2025]"


def test_fold_turns_blank_and_invisible_characters_into_spaces_and_keeps_line_feeds() -> None:
    assert fold("本\u3000市\u200b企\u202e业\u00a0甲\n乙\t") == "本 市 企 业 甲\n乙 "


def test_fold_leaves_single_character_numbers_alone() -> None:
    assert fold("㈠⑴⒈①㎡Ⅳ") == "㈠⑴⒈①㎡Ⅳ"


def test_fold_maps_radicals_copied_out_of_pdf_files() -> None:
    assert fold("⼀⼈⼤") == "一人大"


def test_fold_keeps_the_direction_of_chinese_quotes() -> None:
    assert fold("「甲」『乙』〝丙〞") == "“甲”“乙”“丙”"


def test_fold_writes_traditional_and_variant_characters_as_simplified_ones() -> None:
    assert fold("優先選購本地企業產品，経済産業㊒効") == "优先选购本地企业产品,经济产业有效"


def test_fold_maps_look_alikes_to_the_character_they_look_like() -> None:
    assert fold("⾒⻅⻔\uf90a\U0002f800𝟑𝟎%") == "见见门金丽30%"


def test_fold_leaves_characters_of_the_simplified_standard_alone() -> None:
    assert fold("乾隆瞭望覆盖藉口著作") == "乾隆瞭望覆盖藉口著作"
