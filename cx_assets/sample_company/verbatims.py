"""Free text beside survey answers, in five languages, in agreement with the score."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from cx_assets.sample_company.columns import decode
from cx_assets.sample_company.names import LANGUAGES
from cx_assets.sample_company.parameters import TOUCHPOINTS
from cx_assets.sample_company.timeline import Ints

NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2

# What each touchpoint is called, in the order of TOUCHPOINTS.
_SUBJECTS = {
    "de": "Die Werbung|Die Website|Die App|Die Filiale|Die Beratung|Der Bezahlvorgang|Die Lieferung|Das Produkt|"
    "Die Rückgabe|Der Kundendienst|Die Bearbeitung meiner Beschwerde|Das Bonusprogramm",
    "en": "The advertising|The website|The app|The store|The advice|The checkout|The delivery|The product|"
    "The return|The service desk|The handling of my complaint|The loyalty programme",
    "tr": "Reklamlar|İnternet sitesi|Uygulama|Mağaza|Danışmanlık|Ödeme işlemi|Teslimat|Ürün|İade|Müşteri hizmetleri|"
    "Şikâyetimin ele alınışı|Puan programı",
    "pl": "Reklama|Strona internetowa|Aplikacja|Sklep|Doradztwo|Płatność|Dostawa|Produkt|Zwrot|Obsługa klienta|"
    "Rozpatrzenie reklamacji|Program lojalnościowy",
    "fr": "La publicité|Le site|L'application|Le magasin|Le conseil|Le paiement|La livraison|Le produit|Le retour|"
    "Le service client|Le traitement de ma réclamation|Le programme de fidélité",
}
# Openings by sentiment; {} is the subject.
_OPENINGS = {
    "de": (
        "{} war eine Katastrophe.|{}: sehr enttäuschend.|{} hat nur Zeit und Nerven gekostet.|{} geht so gar nicht.",
        "{} war in Ordnung.|{}: durchschnittlich.|{} war okay, mehr aber auch nicht.|{}: weder gut noch schlecht.",
        "{} war hervorragend.|{}: alles bestens.|{} hat mich begeistert.|{} war schnell und unkompliziert.",
    ),
    "en": (
        "{} was a disaster.|{}: very disappointing.|{} cost me nothing but time and nerves.|{} was far below standard.",
        "{} was all right.|{}: average.|{} was okay, no more than that.|{}: neither good nor bad.",
        "{} was excellent.|{}: everything perfect.|{} really impressed me.|{} was quick and easy.",
    ),
    "tr": (
        "{} tam bir felaketti.|{}: büyük hayal kırıklığı.|{} bana sadece zaman kaybettirdi.|{} hiç iyi değildi.",
        "{} fena değildi.|{}: ortalama.|{} idare eder.|{}: ne iyi ne kötü.",
        "{} harikaydı.|{}: her şey mükemmel.|{} beni çok memnun etti.|{} hızlı ve kolaydı.",
    ),
    "pl": (
        "{} to była katastrofa.|{}: wielkie rozczarowanie.|{} kosztowało mnie tylko czas i nerwy.|{} poniżej krytyki.",
        "{} może być.|{}: przeciętnie.|{} w porządku, ale nic więcej.|{}: ani dobrze, ani źle.",
        "{} na najwyższym poziomie.|{}: wszystko idealnie.|{} bardzo mnie ucieszyło.|{} szybko i bez problemów.",
    ),
    "fr": (
        "{}, c'était une catastrophe.|{} : très décevant.|{} m'a fait perdre mon temps.|{} n'était pas à la hauteur.",
        "{}, c'était correct.|{} : moyen.|{}, ça va, sans plus.|{} : ni bien ni mal.",
        "{}, c'était excellent.|{} : tout était parfait.|{} m'a vraiment plu.|{}, rapide et facile.",
    ),
}
_CLOSINGS = {
    "de": (
        "| So verliert man Kunden.| Ich warte noch immer auf eine Antwort.",
        "| Da ist noch Luft nach oben.| Beim nächsten Mal bitte schneller.",
        "| Gerne wieder!| Ich empfehle Sie weiter.",
    ),
    "en": (
        "| This is how you lose customers.| I am still waiting for an answer.",
        "| There is room for improvement.| Please be faster next time.",
        "| Happy to come back!| I will recommend you.",
    ),
    "tr": (
        "| Böyle müşteri kaybedersiniz.| Hâlâ cevap bekliyorum.",
        "| Daha iyi olabilir.| Bir dahaki sefere lütfen daha hızlı.",
        "| Yine geleceğim!| Herkese tavsiye ederim.",
    ),
    "pl": (
        "| Tak się traci klientów.| Nadal czekam na odpowiedź.",
        "| Mogłoby być lepiej.| Następnym razem proszę szybciej.",
        "| Chętnie wrócę!| Polecę Was znajomym.",
    ),
    "fr": (
        "| C'est ainsi qu'on perd ses clients.| J'attends toujours une réponse.",
        "| On peut mieux faire.| Plus vite la prochaine fois, s'il vous plaît.",
        "| Je reviendrai volontiers !| Je vous recommanderai.",
    ),
}
_VARIANTS = 12


@cache
def _pool() -> pa.Array:
    """All texts: language, touchpoint, sentiment, then twelve variants."""
    texts = []
    for language in LANGUAGES:
        for subject in _SUBJECTS[language].split("|"):
            for sentiment in (NEGATIVE, NEUTRAL, POSITIVE):
                openings = [text.format(subject) for text in _OPENINGS[language][sentiment].split("|")]
                closings = _CLOSINGS[language][sentiment].split("|")
                texts += [opening + closing for opening in openings for closing in closings]
    return pa.array(texts, pa.string())


def sentiment_of(metric: str, score: Ints) -> Ints:
    """Sentiment that agrees with a score: detractors, 1-2 of 5 and 1-3 of 7 are negative, the best two positive."""
    low, high = {"nps": (6, 9), "csat": (2, 4), "ces": (3, 6)}[metric]
    return np.where(score <= low, NEGATIVE, np.where(score >= high, POSITIVE, NEUTRAL))


def verbatims(rng: np.random.Generator, language: Ints, touchpoint: Ints, sentiment: Ints) -> pa.Array:
    """One text per row.

    Args:
        rng: Chooses among twelve wordings.
        language: Index into `LANGUAGES`.
        touchpoint: Index into `TOUCHPOINTS`.
        sentiment: NEGATIVE, NEUTRAL or POSITIVE.
    """
    group = (language * len(TOUCHPOINTS) + touchpoint) * 3 + sentiment
    return decode(_pool(), group * _VARIANTS + rng.integers(0, _VARIANTS, len(group)))
