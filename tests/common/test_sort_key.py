import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common.sort_key import name_sort_key


def test_order_of_swedish_names():
    names = [
        "von Wall",
        "Öberg, Anna",
        "Zorn",
        "Åberg",
        "Ägren",
        "Æbelø",
        "andersson",
        "ANDERSSON, Bo",
        "Berg, Anna",
        "Bergman",
        "Berg-Ek",
        "Éricson",
        "Müller",
        "Myrdal",
        "Östlund",
        "Waern",
        "Vallin",
        "Øberg B",
    ]
    assert sorted(names, key=lambda name: name_sort_key(name).encode()) == [
        "andersson",
        "ANDERSSON, Bo",
        "Berg, Anna",
        "Berg-Ek",
        "Bergman",
        "Éricson",
        "Müller",
        "Myrdal",
        "Vallin",
        "von Wall",
        "Waern",
        "Zorn",
        "Åberg",
        "Æbelø",
        "Ägren",
        "Öberg, Anna",
        "Øberg B",
        "Östlund",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÅSA", "åsa"),
        ("A\u030asa", "Åsa"),
        ("  Anna   Maria ", "anna-maria"),
        ("O'Brien", "OBrien"),
        ("Ǻsa", "Åsa"),
        ("Strauß", "strauss"),
        ("Łukasz", "Lukasz"),
        ("{ka", "ka"),
    ],
)
def test_equal_places(one, other):
    assert name_sort_key(one) == name_sort_key(other)


def test_the_key_itself_is_pinned():
    assert name_sort_key("Åke Älv-Ök") == "{ke |lv }k"


@given(st.text(max_size=40))
def test_any_text_gives_a_clean_key(text):
    key = name_sort_key(text)
    assert "\x00" not in key
    assert key == key.strip()
    assert not any(char.isupper() and char.lower() != char for char in key)


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyzåäö", max_size=8),
    st.text(alphabet="abcdefghijklmnopqrstuvwxyzåäö", max_size=8),
)
def test_order_is_that_of_the_alphabet(a, b):
    alphabet = "abcdefghijklmnopqrstuvwxyzåäö"
    assert (name_sort_key(a) < name_sort_key(b)) == ([*map(alphabet.index, a)] < [*map(alphabet.index, b)])
