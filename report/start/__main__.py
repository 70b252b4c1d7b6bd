"""Streamlit's own command, with the report imported before the first reader comes.

Streamlit imports a script's libraries when the first page is asked for; that reader would wait for all of them.
"""

from __future__ import annotations

from streamlit.web.cli import main

from report.app import collected_pages

if __name__ == "__main__":
    collected_pages()
    main(prog_name="streamlit")
