"""The report in the browser: it reads the published generation only, never the warehouse.

`cx report` starts it (orchestration/cli/report_server.py); `start/` holds the script that Streamlit runs.
A page is a module in `pages/`; nothing else has to be told of it.
"""
