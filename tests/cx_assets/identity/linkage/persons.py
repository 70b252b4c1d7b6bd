"""Made-up persons with second records."""

import numpy as np
import pandas as pd


def _words(text):
    return text.split()


_GIVEN = _words("Anna Bernd Clara Dieter Emil Frieda Gustav Helga Ingo Jutta Karl Lotte Norbert Paula Rosa Tobias")
_FAMILY = _words(
    "Amsel Birke Distel Eiche Fichte Ginster Hasel Iltis Kiefer Linde Marder Nelke Otter Pappel Rabe Specht"
)


def made_up_persons():
    """256 persons, of whom the first 120 have a second record (`s...`) with one field wrong and one missing."""
    random = np.random.default_rng(5)
    rows = []
    for number in range(256):
        given, family = _GIVEN[number % 16], _FAMILY[number // 16]
        row = {
            "record_id": f"p{number:03d}", "source_system": "crm", "customer_type": "person",
            "given_name": given, "family_name": family,
            "birth_date": f"{random.integers(1940, 2005)}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}",
            "email": f"{given}.{family}{number}@post.de".lower(), "phone": f"+4917012{34000 + 7 * number}",
            "street_address": f"{_FAMILY[random.integers(16)]}weg {random.integers(1, 90)}",
            "postal_code": f"{random.integers(10000, 10060)}", "city": "Berlin", "country_code": "DE",
        }  # fmt: skip
        rows.append(row)
        if number < 120:
            other = row | {"record_id": f"s{number:03d}", "source_system": "service"}
            wrong = number % 4
            if wrong == 0:
                other["family_name"] = family[0] + family[2] + family[1] + family[3:]
                other["email"] = None
            elif wrong == 1:
                other["birth_date"] = None
                other["phone"] = f"+4917099{11000 + number}"
            elif wrong == 2:
                other |= {"street_address": f"Neue Gasse {number}", "postal_code": "10099", "phone": None}
            else:
                other |= {"given_name": given[0] + ".", "email": None}
            rows.append(other)
    return pd.DataFrame(rows)
