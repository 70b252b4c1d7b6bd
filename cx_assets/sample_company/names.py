"""Invented names, places and the ways in which people mistype them.

E-mail domains end in `.alt`, which RFC 9476 keeps out of the DNS for ever: mail to them reaches nobody, yet unlike
`.example` they are no filler that identity throws away.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray


def words(text: str) -> list[str]:
    """Words of a line."""
    return text.split()


# Given name, then what friends and clerks call the same person.
GIVEN = words(
    "Alexander/Alex Andreas/Andi Anna/Anni Anneliese/Anne Barbara/Babsi Benjamin/Ben Bernhard/Bernd Birgit/Biggi "
    "Brigitte/Gitte Charlotte/Lotte Christian/Chris Christina/Tina Claudia/Claudi Cornelia/Conny Daniel/Dani "
    "David/Dave Dominik/Dome Eleonore/Lore Elisabeth/Lisa Emma/Emmi Erika/Eri Eva-Maria/Eva Felix/Felo "
    "Florian/Flo Franziska/Franzi Friedrich/Fritz Gabriele/Gabi Georg/Schorsch Gertrud/Trudi Günther/Günni "
    "Hannah/Hanni Hans-Peter/Hans Heinrich/Heinz Helene/Leni Ingeborg/Inge Jakob/Jake Jennifer/Jenny "
    "Joachim/Achim Johanna/Hanna Johannes/Hannes Jonathan/Jona Josef/Sepp Julia/Jule Jürgen/Jürgi Karl-Heinz/Kalle "
    "Katharina/Kathi Klaus/Klausi Konstantin/Kosta Kristina/Kris Leonhard/Leo Lieselotte/Lilo Magdalena/Lena "
    "Manfred/Manni Manuela/Manu Margarete/Grete Maria/Mia Marie-Luise/Marlies Marion/Mari Markus/Max Martina/Tini "
    "Matthias/Matze Maximilian/Maxi Melanie/Mela Michael/Michi Mohammed/Mo Monika/Moni Nadine/Nadi Natalie/Nati "
    "Niklas/Nik Nikolaus/Klaas Nina/Nini Oliver/Olli Patrick/Pat Paula/Pauli Petra/Peti Philipp/Phil Rainer/Rainu "
    "Rebecca/Becky Regina/Gina Renate/Reni Robert/Robbi Rosemarie/Rosi Rudolf/Rudi Sabine/Bine Samuel/Sam "
    "Sandra/Sandy Sebastian/Basti Silvia/Silvi Simon/Simi Sophia/Sophie Stefan/Steff Stefanie/Steffi Susanne/Susi "
    "Tanja/Tanni Theodor/Theo Therese/Resi Thomas/Tom Tobias/Tobi Ulrich/Uli Ursula/Uschi Valentin/Vali "
    "Veronika/Vroni Viktoria/Vicky Volker/Volki Walter/Walli Werner/Wern Wilhelm/Willi Wolfgang/Wolf "
    "Yasemin/Yasi Mehmet/Memo Ayşe/Ayscha Zeynep/Zey Mustafa/Musti Agnieszka/Aga Katarzyna/Kasia Małgorzata/Gosia "
    "Krzysztof/Krzys Piotr/Piotrek Giuseppe/Beppe Francesca/Franca Pierre/Pit Amélie/Ami Olena/Lena Oleksandr/Sascha"
)
# Names that their bearers write in Cyrillic; without the soft sign, which transliterations leave out or show as a mark.
_CYRILLIC_GIVEN = words(
    "Олександр/Саша Наталія/Наташа Юлія/Юля Євген/Женя Михайло/Миша Ксенія/Ксюша Дмитро/Діма Катерина/Катя "
    "Анастасія/Настя Людмила/Люда Володимир/Вова Марія/Маша Яна/Яся Юрій/Юра Надія/Надя Софія/Соня Іван/Ваня "
    "Ілля/Ілюша Христина/Христя Захар/Захарко"
)
_CYRILLIC_FAMILY = words(
    "Шевченко Кравченко Бондаренко Ткаченко Щербак Чуприна Жук Юрченко Хоменко Яценко Лисенко Гончар Зайченко Савчук "
    "Шуляк Жадан Кравчук Яковенко Хижняк Мельничук Ющенко Гайдай Цимбал Журба Чорновіл Ярема"
)
_ALPHABET = "абвгдеєжзиіїйклмнопрстуфхцчшщюяь"
_ISO_9 = words("a b v g d e ê ž z i ì ï j k l m n o p r s t u f h c č š ŝ û â ʹ")
_GERMAN = [*words("a b w h d e je sch s y i ji j k l m n o p r s t u f ch z tsch sch schtsch ju ja"), ""]
SPELLINGS = ("german", "iso_9", "cyrillic")
"""How a Cyrillic name is written: as Duden and ISO 9:1995 transliterate Ukrainian, and as it is."""


def transliterated(name: str, spelling: str) -> str:
    """A Cyrillic name, capitalised, in one of `SPELLINGS`."""
    if spelling == "cyrillic":
        return name
    letters = dict(zip(_ALPHABET, _GERMAN if spelling == "german" else _ISO_9, strict=True))
    return "".join(letters[letter] for letter in name.lower()).capitalize()


def _with_cyrillic(latin: list[str], cyrillic: list[str]) -> list[str]:
    """The Latin names, then all Cyrillic ones in each spelling, one block after the other."""
    return latin + [transliterated(name, spelling) for spelling in SPELLINGS for name in cyrillic]


LATIN_GIVEN_COUNT, CYRILLIC_GIVEN_COUNT = len(GIVEN), len(_CYRILLIC_GIVEN)
GIVEN_NAMES, NICKNAMES = (
    _with_cyrillic([pair.split("/")[at] for pair in GIVEN], [pair.split("/")[at] for pair in _CYRILLIC_GIVEN])
    for at in (0, 1)
)

_COMMON_FAMILY = words(
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein "
    "Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Lehmann "
    "Köhler Maier Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther "
    "Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin "
    "Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler "
    "Yılmaz Kaya Demir Şahin Çelik Öztürk Kowalski Nowak Wiśniewski Wójcik Kamiński Rossi Ferrari Popović Horvat "
    "Nguyen Tran Dubois Moreau Kovács Novák Svoboda Ivanova Petrov Schevchenko"
)
_STEMS = words(
    "Acker Amsel Berg Birk Brom Buch Dorn Eber Eich Erl Esch Falken Feld Felsen Fink Forst Gerst Gold Grün Hag Hasel "
    "Heide Hirsch Hohl Holz Kalten Kirch Kles Kranz Kupfer Laub Linden Loh Mark Moos Mühl Neu Nuss Ober Ost Pfeil Rau "
    "Reh Ried Rosen Sand Schön Silber Stern Strauch Tann Trauben Unter Wald Wasser Wein Weiden West Wiesen Zell"
)
_ENDINGS = words("bauer hauser mann stein bach berger feld hof egger meister müller brink")
_LATIN_FAMILY = _COMMON_FAMILY + [stem + ending for stem in _STEMS for ending in _ENDINGS]
LATIN_FAMILY_COUNT, CYRILLIC_FAMILY_COUNT = len(_LATIN_FAMILY), len(_CYRILLIC_FAMILY)
FAMILY_NAMES = _with_cyrillic(_LATIN_FAMILY, _CYRILLIC_FAMILY)

COMPANY_STEMS = words(
    "Nord Süd Rhein Elbe Alpen Isar Weser Havel Ruhr Main Saar Baltik Hansa Kron Merkur Orion Atlas Pallas Vulkan "
    "Terra Aqua Lumen Ferro Poly Omni Trans Uni Gala Delta Sigma"
)
COMPANY_TRADES = words(
    "bau tech druck logistik technik handel metall holz med pharma energie system service media consult plan werk "
    "garten möbel glas textil food transport elektro"
)
COMPANY_BODIES = [stem + trade for stem in COMPANY_STEMS for trade in COMPANY_TRADES]
LEGAL_FORMS = ("GmbH", "AG", "GmbH & Co. KG", "UG (haftungsbeschränkt)", "e.K.", "OHG")
SECOND_FORMS = ("Holding GmbH", "Vertriebs GmbH", "Beteiligungs AG", "International GmbH", "Service GmbH & Co. KG")

# City, thousand inhabitants, first two digits of its postal codes, country, region.
CITIES = [
    tuple(row.split("|"))
    for row in [
        "Berlin|3755|10|DE|Berlin",
        "Hamburg|1892|20|DE|Hamburg",
        "München|1512|80|DE|Bayern",
        "Köln|1084|50|DE|Nordrhein-Westfalen",
        "Frankfurt am Main|773|60|DE|Hessen",
        "Stuttgart|633|70|DE|Baden-Württemberg",
        "Düsseldorf|629|40|DE|Nordrhein-Westfalen",
        "Leipzig|616|04|DE|Sachsen",
        "Dortmund|593|44|DE|Nordrhein-Westfalen",
        "Essen|584|45|DE|Nordrhein-Westfalen",
        "Bremen|569|28|DE|Bremen",
        "Dresden|563|01|DE|Sachsen",
        "Hannover|545|30|DE|Niedersachsen",
        "Nürnberg|523|90|DE|Bayern",
        "Duisburg|502|47|DE|Nordrhein-Westfalen",
        "Wuppertal|358|42|DE|Nordrhein-Westfalen",
        "Bielefeld|338|33|DE|Nordrhein-Westfalen",
        "Bonn|336|53|DE|Nordrhein-Westfalen",
        "Münster|320|48|DE|Nordrhein-Westfalen",
        "Karlsruhe|309|76|DE|Baden-Württemberg",
        "Mannheim|315|68|DE|Baden-Württemberg",
        "Augsburg|301|86|DE|Bayern",
        "Kiel|247|24|DE|Schleswig-Holstein",
        "Magdeburg|239|39|DE|Sachsen-Anhalt",
        "Freiburg im Breisgau|236|79|DE|Baden-Württemberg",
        "Erfurt|214|99|DE|Thüringen",
        "Mainz|220|55|DE|Rheinland-Pfalz",
        "Rostock|209|18|DE|Mecklenburg-Vorpommern",
        "Kassel|204|34|DE|Hessen",
        "Saarbrücken|181|66|DE|Saarland",
        "Potsdam|185|14|DE|Brandenburg",
        "Oldenburg|172|26|DE|Niedersachsen",
        "Regensburg|157|93|DE|Bayern",
        "Ulm|128|89|DE|Baden-Württemberg",
        "Trier|112|54|DE|Rheinland-Pfalz",
        "Jena|111|07|DE|Thüringen",
        "Passau|54|94|DE|Bayern",
        "Wien|1982|1|AT|Wien",
        "Graz|295|8|AT|Steiermark",
        "Linz|210|4|AT|Oberösterreich",
        "Salzburg|157|5|AT|Salzburg",
        "Innsbruck|131|6|AT|Tirol",
    ]
]
CITY_NAMES = [row[0] for row in CITIES]
# As people shorten or spell them without umlauts.
CITY_VARIANTS = [
    row[0].replace("ü", "ue").replace("ö", "oe").replace(" am Main", "/M.").replace(" im Breisgau", "")
    for row in CITIES
]
CITY_SIZES = np.array([float(row[1]) for row in CITIES])
CITY_POSTAL = [row[2] for row in CITIES]
CITY_COUNTRY = [row[3] for row in CITIES]
CITY_REGION = [row[4] for row in CITIES]

STREETS = words(
    "Hauptstraße Bahnhofstraße Gartenweg Schulstraße Lindenallee Birkenweg Kirchgasse Bergstraße Waldweg Rosenweg "
    "Goethestraße Schillerstraße Mozartweg Beethovenstraße Uferpromenade Mühlgasse Marktplatz Am-Anger Ringstraße "
    "Feldweg Wiesengrund Ahornweg Eichendorffstraße Amselweg Finkenweg Dorfstraße Industriestraße Hafenstraße "
    "Kastanienallee Sonnenhang Parkstraße Talstraße Tulpenweg Fliederweg Brunnengasse Schlossallee Poststraße "
    "Mittelweg Nordring Südring Lerchenweg Ulmenstraße Erlenweg Kiefernweg Friedensstraße Lessingstraße Heinestraße "
    "Kantstraße Luisenstraße Karlstraße Friedrichstraße Wilhelmstraße Augustenweg Weinbergweg Steinweg Burgstraße "
    "Klosterhof Färbergasse Gerberweg Seestraße"
)
STREET_VARIANTS = [name.replace("straße", "str.").replace("weg", "-Weg").replace("allee", "-Allee") for name in STREETS]

# Mail provider, its percentage of the persons' addresses, its domain as people mistype it.
_PROVIDERS = [
    row.split("|")
    for row in [
        "nordpost.alt|27|nordopst.alt",
        "briefnetz.alt|24|brefnetz.alt",
        "mailhafen.alt|21|mailhaven.alt",
        "funkpost.alt|11|funkpots.alt",
        "depesche.alt|8|depeche.alt",
        "postkutsche.alt|5|postkutche.alt",
        "taubenschlag.alt|4|taubenschalg.alt",
    ]
]
EMAIL_DOMAINS = [row[0] for row in _PROVIDERS]
EMAIL_DOMAIN_SHARES = np.array([float(row[1]) for row in _PROVIDERS]) / 100
EMAIL_SLIPS = [row[2] for row in _PROVIDERS]

LANGUAGES = ("de", "en", "tr", "pl", "fr")
LANGUAGE_SHARES = np.array([0.80, 0.07, 0.06, 0.04, 0.03])

_ASCII = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ş": "s", "Ş": "S", "ı": "i"}
    | {"ç": "c", "Ç": "C", "ł": "l", "ń": "n", "ś": "s", "ó": "o", "ć": "c", "é": "e", "á": "a"}
)
MISSPELLINGS = 5


def plain(name: str) -> str:
    """The name without letters that keyboards abroad lack."""
    return name.translate(_ASCII)


def _misspell(name: str, kind: int, rng: np.random.Generator) -> str:
    """A letter left out, doubled, exchanged with the one before or hit beside, or no umlauts; never the name itself."""
    at = int(rng.integers(1, max(2, len(name) - 1)))
    doubled = name[:at] + name[at] + name[at:]
    slips = (
        name[:at] + name[at + 1 :],
        doubled,
        name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :],
        name[:at] + "aeinrst"[int(rng.integers(7))] + name[at + 1 :],
        plain(name),
    )
    return doubled if slips[kind] == name else slips[kind]


@cache
def misspelt(kind: str) -> list[str]:
    """Five misspellings of every given ("given") or family ("family") name, name after name."""
    rng = np.random.default_rng(7)
    pool = GIVEN_NAMES if kind == "given" else FAMILY_NAMES
    return [_misspell(name, variant, rng) for name in pool for variant in range(MISSPELLINGS)]


def zipf_shares(count: int, exponent: float) -> NDArray[np.float64]:
    """Shares that fall with the rank's power and add up to 1."""
    weights = (np.arange(count) + 3.0) ** -exponent
    return weights / weights.sum()
