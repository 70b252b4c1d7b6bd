"""The frame around the pages: choices, freshness, and what to say on a failure. `start/` calls it for Streamlit."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType

import duckdb
import streamlit as st

from report import data, pages, sidebar, states

# Without an icon of its own the browser's tab gets that of the page, which Streamlit fetches from Google.
TAB_ICON = "📊"


def collected_pages() -> list[ModuleType]:
    """The modules of `pages/`, by ORDER."""
    found = [importlib.import_module(f"{pages.__name__}.{item.name}") for item in pkgutil.iter_modules(pages.__path__)]
    return sorted(found, key=lambda module: (module.ORDER, module.TITLE))


def framed(page: ModuleType) -> Callable[[], None]:
    """The page within what every page has: the choices, its title, freshness, and what to say on a failure."""

    def run() -> None:
        names = data.companies()
        if not names:
            states.nothing_published(str(data.state_root()))
            return
        company = sidebar.choose_company(names)
        try:
            publication = data.open_publication(data.state_root() / company / "published", company)
            context = sidebar.choose(publication, page.CHOICES, data.now())
            st.title(page.TITLE)
            states.freshness(context)
            page.render(context)
        except data.NothingPublishedError as error:
            states.unreadable(company, str(error))
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            states.other_version(str(error).splitlines()[0])
        except duckdb.IOException:
            states.changed_meanwhile()

    return run


def main() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="Customer experience", page_icon=TAB_ICON, layout="wide")
    entries = [
        st.Page(
            framed(page),
            title=page.TITLE,
            icon=page.ICON,
            url_path=page.__name__.rpartition(".")[2],
            default=number == 0,
        )
        for number, page in enumerate(collected_pages())
    ]
    st.navigation(entries).run()
