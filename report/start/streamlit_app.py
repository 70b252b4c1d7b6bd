"""The script that Streamlit runs; what it does is in `report.app`.

It stands in a folder of its own: Streamlit takes a folder `pages` beside its script for scripts of their own, and shows
who comes by a deep link one of them alone, without the frame.
"""

from report.app import main

main()
