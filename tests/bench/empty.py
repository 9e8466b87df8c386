"""An empty Flask view: what the same server can do at best."""

from flask import Flask

app = Flask("empty")


@app.get("/")
def nothing() -> str:
    """Return an empty page."""
    return ""
