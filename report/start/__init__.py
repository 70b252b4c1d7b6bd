"""How the report is started: `__main__` is the server, `streamlit_app` the script that it runs for each reader."""
