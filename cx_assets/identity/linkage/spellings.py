"""One name in several spellings becomes one key: scripts, transliterations, accents, nicknames, legal forms.

Columns of records are made comparable in standardise, not here.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Cyrillic by sound, as the fold below reads it: Duden (Щ schtsch, ж sch, ч tsch, в w, я ja) and ISO 9 (ŝ, ž, č, v, â)
# both end in these letters.
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "io", "є": "e", "ж": "sh", "з": "s",
    "и": "i", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "s", "ч": "tsh", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i",
    "ь": "", "э": "e", "ю": "iu", "я": "ia",
}  # fmt: skip
# ISO 9 and Slavic Latin letters, before accents are taken off; umlauts as Duden transcribes them.
_ACCENTED = {
    "š": "sh", "ś": "sh", "ŝ": "sh", "ž": "sh", "ż": "sh", "ź": "sh", "č": "tsh", "ć": "tsh", "â": "ia", "û": "iu",
    "ë": "io", "è": "e", "ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "å": "a", "ø": "oe", "æ": "ae", "œ": "oe",
}  # fmt: skip
_LETTERS = _CYRILLIC | _ACCENTED
_APOSTROPHES = str.maketrans("", "", "'’`´ʹʺ")
# In this order. `ae` and `a` are one, because both stand for ä; so are `ue` and `oe`.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("schtsch|shtsh|shch", "sh"), ("tsch|tch", "tsh"), ("sch", "sh"), ("ck", "k"), ("ch|kh", "h"), ("zh", "sh"),
        ("ph", "f"), ("th", "t"), ("tz|ts(?!h)|z", "s"), ("c(?=[eiyv])", "s"), ("c", "k"), ("q", "k"), ("x", "ks"),
        ("w", "v"), ("[jy]", "i"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("i+e", "e"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
_PARTICLES = _words("von van der den dem zu zur zum de del della di da dos du le la el al bin ibn ter ten")
_TITLES = _words("dr prof dipl ing mag med herr frau mr mrs ms mme jr sr")
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")

# A name and what it is called, several a line. Only what the rules of sound and of short forms do not bring together.
_NICKNAMES = """
alexander aleksandr alex sasha sascha xander sandro | alexandra sandra alex sasha sascha | agnieszka aga
andreas andi andy andre | andrew andy drew | anneliese anna anne lisa liese anni | anton toni tony | antonia toni
anthony tony | barbara babsi bärbel barb | benjamin ben benni benny | bernhard bernd berni
charles charlie chuck carl karl | christian chris | christopher christoph chris kit
christine christina chris tina christel | daniel dan danny | david dave | dmitri dima mitja | dorothea doro thea
edward ed eddie ted ned | ekaterina katja katya
elisabeth elizabeth elli lisa lisbeth liz beth betty sissi else elsbeth ella | erika eri | eugen eugene gene | eva evi
florian flo | franz francis frank | franziska franzi fran | frederick fred freddie friedrich fritz
friedrich fritz fred | gabriele gabi | georg george schorsch | gerhard gerd | gertrud trudi gerti traudl
günter günni | hannelore hanne lore | hans johannes johann hannes jens | hans-peter hape hanspeter
heinrich heinz heiner | helene leni lena helen | henry harry hank | irina ira | ivan vanja
jacob jakob jack jake james | james jim jimmy jamie | johanna hanna hanni hannah jo | john jack johnny jon jonathan
josef joseph sepp joe jupp | julia julie jule | jürgen jürgi | karl charly kalle carl
katharina kathi katja käthe kati trina katrin kathrin catherine kate katherine | klaus nikolaus klausi
konstantin kostja conny | kristina tina | krzysztof krzysiek | leonhard leo hardy | magdalena lena magda leni
małgorzata gosia | manfred manni fred | margarete grete gretel margret rita greta gretl
margaret maggie meg peggy rita | maria marie mia mizzi mitzi mary | martin marty | matthias matze hias matthew matt
maximilian max maxi | melanie mel melli | michael mike micha michi mick mikhail michail mischa misha | mohammed mo
monika moni | mustafa musti | nadezhda nadja | natalia natascha natasha | nicole nici nicki | nikolai kolja
oleksandr sasha | olga olja | patricia pat patty trish | peter pit pete | philipp phil | rebecca becky
reinhard reini | richard dick rick rich | robert rob bob bobby robin bert robbie | rosemarie rosi | rudolf rudi rolf
sabine bine bini | samuel sam | samantha sam | sebastian basti wastl | sergei serjoscha | sigrid siggi
siegfried siggi sigi | simone simi | sofia sophie sonja | stefan steffen steven steve stephen stephan
stephanie steffi stefanie | susanne susi sanne susan sue | svetlana sveta | tatjana tanja tatiana
teresa resi theresa terry | theodor theo | thomas tom tommy | ulrich uli ulli | ulrike uli rike | ursula uschi ulla
valentina valja | veronika vroni vera | viktoria vicky vicki | vladimir wolodja vova | volodymyr vova | walter walt
wilhelm willi willy helmut | william will bill billy | wolfgang wolf wolfi | yelena lena jelena helena elena
"""
_LEGAL_FORMS = _words(
    "gmbh mbh ag kg kgaa ohg ug ek ekfr gbr se eg ev co cokg company corp corporation inc incorporated llc llp ltd "
    "limited plc sa sas sarl srl spa sro as ao oy oyj ab aps nv bv cv spzoo doo dd kft zrt ooo oao zao pao ip "
    "haftungsbeschrankt haftungsbeschraenkt gesellschaft"
)
# Words of a group's parts: the firm is the same customer.
_GROUP_WORDS = _words(
    "holding beteiligung beteiligungs beteiligungen service services vertrieb vertriebs international group gruppe "
    "verwaltung verwaltungs deutschland germany filiale niederlassung zweigstelle branch standort und and the"
)
_BRANCH = re.compile(r"\b(filiale|niederlassung|zweigstelle|zweigniederlassung|branch|standort|nl)\b.*$")
_SPACED_FORMS = re.compile(r"\b([a-z])[.\s]{1,2}(?=[a-z]\b)")


def plain(typed: str) -> str:
    """A text in small Latin letters, digits and single blanks; umlauts and ß as two letters, other accents off."""
    text = unicodedata.normalize("NFC", typed).lower()
    text = "".join(_LETTERS.get(letter, letter) for letter in text)
    return _NOT_A_LETTER.sub(" ", anyascii(text).lower()).strip()


def name(typed: str) -> str | None:
    """A given or family name without titles and particles, its parts joined; None where nothing is left."""
    parts = [part for part in plain(typed.translate(_APOSTROPHES)).split() if part not in _TITLES]
    kept = [part for part in parts if part not in _PARTICLES] or parts
    return " ".join(kept) or None


def sound(standard: str) -> str:
    """Key that spellings of one name share; not a pronunciation, only what transliterations have in common."""
    key = standard.replace(" ", "")
    for pattern, replacement in _SOUNDS:
        key = pattern.sub(replacement, key)
    return key


def _nickname_keys() -> dict[str, tuple[str, ...]]:
    groups: dict[str, set[str]] = {}
    for line in _NICKNAMES.replace("\n", "|").split("|"):
        names = [sound(plain(word)) for word in line.split()]
        for word in names:
            groups.setdefault(word, set()).add(names[0])
    return {word: tuple(sorted(found)) for word, found in groups.items()}


_FULL_NAMES = _nickname_keys()


def full_names(key: str) -> list[str]:
    """Keys of the full names that a name may stand for, itself among them, in alphabetical order."""
    return sorted({key, *_FULL_NAMES.get(key, ())})


def company(typed: str) -> str | None:
    """The core of a company's name: without legal form, words of a group's parts and branch; words in order."""
    text = plain(typed.replace("&", " ").replace("+", " "))
    words = _SPACED_FORMS.sub(r"\1", _BRANCH.sub("", text)).split() or text.split()
    kept = [word for word in words if word not in _LEGAL_FORMS and word not in _GROUP_WORDS] or words
    return " ".join(sorted(set(kept))) or None


_STREET_WORDS = {"strasse": "str", "street": "st", "avenue": "ave", "road": "rd", "place": "pl", "crescent": "cres"}
_STREET_ENDING = re.compile(r"(strasse|str)$")


def street(typed: str) -> str | None:
    """Street and house number with usual words shortened and joined, so that `Ahorn-Weg 2` and `Ahornweg 2` are one."""
    words = [_STREET_WORDS.get(word, _STREET_ENDING.sub("str", word)) for word in plain(typed).split()]
    names = "".join(word for word in words if not word[0].isdigit())
    numbers = " ".join(word for word in words if word[0].isdigit())
    return f"{names} {numbers}".strip() or None
