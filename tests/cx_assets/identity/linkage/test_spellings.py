"""Spellings that must come together, and neighbours that must not."""

import pytest

from cx_assets.identity.linkage import spellings


def _key(typed):
    return spellings.sound(spellings.name(typed))


@pytest.mark.parametrize(
    "forms",
    [
        # Cyrillic, Duden, ISO 9.
        ("Чайковский", "Tschaikowski", "Čajkovskij"),
        ("Щукин", "Schtschukin", "Ŝukin"),
        ("Юлия", "Julija", "Ûliâ"),
        ("Фёдор", "Fjodor", "Fëdor"),
        ("Жуков", "Schukow", "Žukov"),
        ("Михаил", "Michail", "Mihail"),
        # Umlauts and ß as they are, transcribed, and with the dots left off.
        ("Müller", "Mueller", "Muller", "MÜLLER", "Mu\u0308ller"),
        ("Groß", "Gross", "GROSS"),
        ("Kovács", "Kovacs"),
        # Particles, titles, punctuation.
        ("von der Heide", "Heide", "Dr. Heide"),
        ("Hans-Peter", "Hans Peter", "Hanspeter"),
        ("O'Neill", "O’Neill", "ONeill"),
    ],
)
def test_spellings_of_one_name_share_a_key(forms):
    assert len({_key(form) for form in forms}) == 1


@pytest.mark.parametrize("pair", [("Anna", "Hanna"), ("Weber", "Huber"), ("Иван", "Игорь"), ("Maier", "Mauer")])
def test_different_names_keep_different_keys(pair):
    assert _key(pair[0]) != _key(pair[1])


def test_a_name_of_titles_alone_is_none_and_of_particles_alone_stays():
    assert spellings.name("Dr.") is None
    assert spellings.name("Van") == "van"


@pytest.mark.parametrize(
    ("short", "full"), [("Bob", "Robert"), ("Trudi", "Gertrud"), ("Саша", "Александр"), ("Steffi", "Stephanie")]
)
def test_a_nickname_may_stand_for_its_full_name(short, full):
    assert set(spellings.full_names(_key(short))) & set(spellings.full_names(_key(full)))


def test_two_full_names_with_a_nickname_in_common_are_not_one():
    assert not set(spellings.full_names(_key("Alexander"))) & set(spellings.full_names(_key("Alexandra")))


@pytest.mark.parametrize(
    ("typed", "core"),
    [
        ("Elbeservice Wasserstein GmbH", "elbeservice wasserstein"),
        ("Wasserstein Elbeservice Service GmbH & Co. KG", "elbeservice wasserstein"),
        ("Elbeservice Wasserstein GmbH Filiale Ulm", "elbeservice wasserstein"),
        ("Novák s.r.o.", "novak"),
        ("ООО Ромашка", "romashka"),
        ("Acme Holding AG", "acme"),
        ("Service GmbH", "gmbh service"),
    ],
)
def test_cores_of_company_names(typed, core):
    assert spellings.company(typed) == core


def test_streets_in_usual_spellings_are_one():
    assert spellings.street("Ulmenstraße 25") == spellings.street("Ulmenstr. 25") == "ulmenstr 25"
    assert spellings.street("Ahorn-Weg 28") == spellings.street("Ahornweg 28") == "ahornweg 28"
    assert spellings.street("12 Stanley Street") == spellings.street("12 stanley st") == "stanleyst 12"
