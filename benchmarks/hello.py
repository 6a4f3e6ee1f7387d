"""The unavoidable part: a Flask application that says hello."""

from flask import Flask

app = Flask(__name__)


@app.post("/")
def hello() -> str:
    return "hello"
