"""Products, categories and prices of the invented retailer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cx_assets.sample_company import defects
from cx_assets.sample_company.columns import decode, joined, numbers, padded, whole
from cx_assets.sample_company.costs import Costs, unit_costs
from cx_assets.sample_company.files import csv_lines, write_lines
from cx_assets.sample_company.names import words, zipf_shares
from cx_assets.sample_company.timeline import Ints, period_start, stream

# Category, median price in EUR, product words, and the quarter (0-3) in which it sells best (-1: all year).
_CATEGORIES = (
    ("Kitchen", 24, "Pan Kettle Knife Bowl Grater Toaster", -1),
    ("Living", 49, "Lamp Cushion Shelf Vase Carpet Frame", -1),
    ("Garden", 32, "Spade Hose Planter Lantern Grill Bench", 1),
    ("Sports", 38, "Ball Mat Racket Bottle Dumbbell Helmet", 1),
    ("Fashion", 29, "Shirt Jacket Scarf Trousers Dress Cap", 2),
    ("Shoes", 59, "Boot Sneaker Sandal Loafer Slipper Trainer", 2),
    ("Beauty", 14, "Cream Soap Perfume Brush Mask Shampoo", -1),
    ("Toys", 21, "Puzzle Train Doll Blocks Kite Game", 3),
    ("Books", 16, "Novel Atlas Cookbook Guide Biography Comic", 3),
    ("Electronics", 89, "Headphones Speaker Charger Keyboard Camera Router", 3),
    ("Office", 12, "Pen Folder Stapler Notebook Planner Desk", 0),
    ("Pets", 18, "Leash Bowl Toy Bed Brush Treats", -1),
)
CATEGORY_NAMES = tuple(row[0] for row in _CATEGORIES)
_SIZES = np.array([1.0, 0.9, 0.8, 0.7, 1.2, 0.8, 0.9, 0.7, 0.8, 0.9, 0.5, 0.5])
_STYLES = words("Nordic Classic Compact Deluxe Eco Urban Studio Family Travel Pro")


@dataclass(frozen=True)
class Catalogue:
    """Products by category; one entry per product, products of a category adjacent.

    Attributes:
        category: Category of each product.
        price_cents: List price, tax included.
        cost_cents: What one piece costs the company.
        first: Position of each category's first product, and the end.
        number: Article number as the shop writes it.
        popularity: Edges (0..1 per category) for drawing products by rank.
    """

    category: Ints
    price_cents: Ints
    cost_cents: Ints
    first: Ints
    number: pa.Array
    popularity: list[NDArray[np.float64]]

    def draw(self, rng: np.random.Generator, category: Ints) -> Ints:
        """A product of each given category, popular ones more often."""
        product = np.empty(len(category), np.int64)
        chance = rng.random(len(category))
        for number, edges in enumerate(self.popularity):
            here = category == number
            product[here] = self.first[number] + np.searchsorted(edges, chance[here], side="right")
        return np.minimum(product, self.first[category + 1] - 1)


def _quarter(period: int) -> int:
    """Quarter (0-3) in which the period's middle lies."""
    middle = np.datetime64(period_start(period) + 15 * 86_400, "s").astype("M8[M]").astype(np.int64) % 12
    return int(middle) // 3


def category_shares(period: int) -> NDArray[np.float64]:
    """Share of each category in the purchases of a period."""
    boost = np.array([1.8 if row[3] == _quarter(period) else 1.0 for row in _CATEGORIES])
    return _SIZES * boost / (_SIZES * boost).sum()


def favourite_season(period: int, favourite: Ints, strength: float) -> NDArray[np.float64]:
    """Factor on the purchase rate of customers by their favourite category; its mean over the quarters is 1."""
    best = np.array([row[3] for row in _CATEGORIES])
    factor = np.where(best == _quarter(period), 1 + strength, 1 - strength / 3)
    return np.where(best < 0, 1.0, factor)[favourite]


def make_catalogue(seed: int, scale: float, costs: Costs) -> Catalogue:
    """Draw the products: 20,000 at scale 1, never fewer than 20 per category."""
    rng = stream(seed, "catalogue")
    counts = np.maximum(20, (20_000 * scale * _SIZES / _SIZES.sum()).astype(np.int64))
    category = np.repeat(np.arange(len(counts)), counts)
    median = np.array([float(row[1]) for row in _CATEGORIES])[category]
    euros = np.maximum(2, np.round(median * np.exp(0.55 * rng.standard_normal(len(category)))))
    order = rng.permutation(len(category))
    price = (euros * 100).astype(np.int64) - np.where(rng.random(len(category)) < 0.7, 1, 5)
    return Catalogue(
        category=category,
        price_cents=price,
        cost_cents=unit_costs(price, category, costs),
        first=np.concatenate([[0], np.cumsum(counts)]),
        number=whole(joined("A", padded(100_000 + 7 * order, 6))),
        popularity=[np.cumsum(zipf_shares(int(count), 0.9)) for count in counts],
    )


def write_products(target: Path, catalogue: Catalogue, seed: int, broken: defects.Defects) -> None:
    """Write `shop/products.csv`: semicolons, decimal comma."""
    rng = stream(seed, "product names")
    pool = [word for row in _CATEGORIES for word in str(row[2]).split()]
    word = catalogue.category * 6 + rng.integers(0, 6, len(catalogue.category))
    style = rng.integers(0, len(_STYLES), len(word))
    price, cost = catalogue.price_cents, catalogue.cost_cents
    columns = {
        "artikel_nr": catalogue.number,
        "bezeichnung": joined(
            decode(pool, word), " ", decode(_STYLES, style), " ", numbers(rng.integers(10, 99, len(word)))
        ),
        "warengruppe": decode(CATEGORY_NAMES, catalogue.category),
        "listenpreis": joined(numbers(price // 100), ",", padded(price % 100, 2)),
        "einstandspreis": joined(numbers(cost // 100), ",", padded(cost % 100, 2)),
    }
    order = pa.array(np.argsort(catalogue.number.to_numpy(zero_copy_only=False), kind="stable"))
    lines = csv_lines({name: whole(values).take(order) for name, values in columns.items()})
    kinds = {"text_in_number": defects.replaced(3, "auf Anfrage"), "surplus_fields": defects.surplus_fields}
    write_lines(target / "shop" / "products.csv", ";".join(columns), broken.lines("shop__products", lines, kinds))
