"""What the raw files of the airport's survey say, read with the standard library alone.

Nothing here knows the platform; the map of columns is written down a second time, from the files' headers.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cache

from tests.conftest import real_data_dir

WAVES = range(2010, 2017)
WEIGHTED_WAVES = (2010, 2013, 2014, 2015, 2016)

# Column of every touchpoint, in the order of the waves; - where the wave did not ask.
_COLUMNS = """
    artwork                Q6A  Q8A  Q8A_ART          Q7A_ART         Q7ART           Q7ART           Q7ART
    food                   Q6B  Q8B  Q8B_FOOD         Q7B_FOOD        Q7FOOD          Q7FOOD          Q7FOOD
    shops                  Q6C  Q8C  Q8C_SHOP         Q7C_SHOPS       Q7STORE         Q7STORE         Q7STORE
    signs                  Q6D  Q8D  Q8D_SIGNS        Q7D_SIGNS       Q7SIGN          Q7SIGN          Q7SIGN
    walkways               Q6E  Q8E  Q8E_WALK         Q7E_WALK        Q7WALKWAYS      Q7WALKWAYS      Q7WALKWAYS
    flight_screens         Q6F  Q8F  Q8F_SCREENS      Q7F_SCREENS     Q7SCREENS       Q7SCREENS       Q7SCREENS
    information_arrivals   Q6G  Q8G  Q8G_INFOARR      Q7G_INFOARR     Q7INFODOWN      Q7INFODOWN      Q7INFODOWN
    information_departures Q6H  Q8H  Q8H_INFODEP      Q7H_INFODEP     Q7INFOUP        Q7INFOUP        Q7INFOUP
    wifi                   -    -    -                Q7I_WIFI        Q7WIFI          Q7WIFI          Q7WIFI
    road_signs             Q6I  Q8I  Q8I_ROAD         Q7J_ROAD        Q7ROADS         Q7ROADS         Q7ROADS
    parking                Q6J  Q8J  Q8J_PARK         Q7K_PARK        Q7PARK          Q7PARK          Q7PARK
    airtrain               Q6K  Q8K  Q8K_AIRTRAIN     Q7L_AIRTRAIN    Q7AIRTRAIN      Q7AIRTRAIN      Q7AIRTRAIN
    long_term_parking      Q6L  Q8L  Q8L_LTPARK       Q7M_LTPARK      Q7LTPARKING     Q7LTPARKING     Q7LTPARKING
    rental_cars            Q6M  Q8M  Q8M_RENTAL       Q7N_RENTAL      Q7RENTAL        Q7RENTAL        Q7RENTAL
    airport_overall        Q6N  Q8N  Q8N_WHOLE        Q7O_WHOLE       Q7ALL           Q7ALL           Q7ALL
    clean_boarding_area    Q8A  Q10A Q10A_CLNBOARD    Q9A_CLNBOARD    Q9BOARDING      Q9BOARDING      Q9BOARDING
    clean_parking          Q8B  Q10B Q10B_CLNPARK     -               -               -               -
    clean_airtrain         Q8C  Q10C Q10C_CLNAIRTRAIN Q9B_CLNAIRTRAIN Q9AIRTRAIN      Q9AIRTRAIN      Q9AIRTRAIN
    clean_rental_cars      Q8D  Q10D Q10D_CLNRENT     Q9C_CLNRENT     Q9RENTAL        Q9RENTAL        Q9RENTAL
    clean_food             Q8E  Q10E Q10E_CLNFOOD     Q9D_CLNFOOD     Q9FOOD          Q9FOOD          Q9FOOD
    clean_restrooms        Q8F  Q10F Q10F_CLNBATH     Q9E_CLNBATH     Q9RESTROOM      Q9RESTROOM      Q9RESTROOM
    clean_overall          -    -    -                Q9F_CLNWHOLE    Q9ALL           Q9ALL           Q9ALL
    safety                 Q9   Q11  Q11SAFE          Q10SAFE         Q10SAFE         Q10SAFE         Q10SAFE
    website                Q11  Q13  Q13_RATEWEB      -               -               -               -
    precheck               -    -    -                -               Q12PRECHECKRATE Q12PRECHEKCRATE Q12PRECHECKRATE
    getting_there          -    -    Q14RATEGETTO     Q13_RATEGETTO   Q13GETRATE      Q13GETRATE      Q13GETRATE
    finding_the_way        Q13A Q15A Q15A_FIND        Q14A_FIND       Q14FIND         Q14FIND         Q14FIND
    security_check         Q13B Q15B Q15B_SECURITY    Q14B_SECURITY   Q14PASSTHRU     Q14PASSTHRU     Q14PASSTHRU
"""

Row = dict[str, str]


@cache
def rows(wave: int) -> tuple[Row, ...]:
    """Respondents of one wave, in file order, every value as text."""
    (path,) = real_data_dir("sfo_airport").glob(f"{wave}_*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def questions() -> dict[tuple[int, str], str]:
    """Column in the file by wave and touchpoint, for every question that a wave asked."""
    found = {}
    for line in _COLUMNS.strip().splitlines():
        touchpoint, *columns = line.split()
        found |= {(wave, touchpoint): name for wave, name in zip(WAVES, columns, strict=True) if name != "-"}
    return found


@dataclass(frozen=True)
class Ratings:
    """Ratings of one question in one wave: how many respondents gave each, "" for an empty field."""

    counts: dict[str, int]

    @property
    def scores(self) -> dict[int, int]:
        """Number of answers by score, 1 to 5."""
        return {score: self.counts.get(str(score), 0) for score in range(1, 6)}

    @property
    def count(self) -> int:
        """Number of scores."""
        return sum(self.scores.values())

    @property
    def mean(self) -> float:
        """Mean score."""
        return sum(score * count for score, count in self.scores.items()) / self.count

    @property
    def top_two_count(self) -> int:
        """Number of scores 4 and 5."""
        return self.scores[4] + self.scores[5]


@cache
def ratings() -> dict[tuple[int, str], Ratings]:
    """Ratings by wave and touchpoint."""
    return {
        (wave, touchpoint): Ratings(dict(Counter(row[column] for row in rows(wave))))
        for (wave, touchpoint), column in questions().items()
    }


def respondent(wave: int, row: Row) -> str:
    """Respondent's number within the wave; the last wave writes the column with a star."""
    return row["*RESPNUM" if wave == 2016 else "RESPNUM"]
