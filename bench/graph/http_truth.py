"""pytest plugin: writes which line of a test asked which handler, as the application itself matched the request.

Loaded with `-p http_truth`; MGE_HTTP_TRUTH names the file to write, paths in it are relative to the folder that pytest runs in.
"""

import json
import os
import sys

from starlette.routing import Match
from starlette.testclient import TestClient

HERE = os.getcwd()
ASKED = set()
ask = TestClient.request


def asker():
    """File and line of the innermost caller among the project's own files."""
    frame = sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(HERE + os.sep) and "site-packages" not in path:
            return os.path.relpath(path, HERE), frame.f_lineno
        frame = frame.f_back
    return None


def handler(app, method, path):
    """File and line of the function that serves a request; None where no route takes it."""
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    for route in app.routes:
        if route.matches(scope)[0] == Match.FULL and hasattr(route, "endpoint"):
            code = route.endpoint.__code__
            return os.path.relpath(code.co_filename, HERE), code.co_firstlineno
    return None


def watched(client, method, url, *args, **options):
    here = asker()
    served = handler(client.app, method, str(url).partition("?")[0])
    if here and served and served[0].startswith("app"):
        ASKED.add((*here, *served, method))
    return ask(client, method, url, *args, **options)


TestClient.request = watched


def routes():
    """Every operation that the application's own OpenAPI names, with its handler."""
    from app.main import create_app

    app = create_app()
    operations = [(m.upper(), path) for path, item in app.openapi()["paths"].items() for m in item]
    codes = {
        (method, route.path): route.endpoint.__code__
        for route in app.routes
        if hasattr(route, "endpoint")
        for method in route.methods
    }
    return [
        [method, path, os.path.relpath(codes[method, path].co_filename, HERE), codes[method, path].co_firstlineno]
        for method, path in operations
    ]


def pytest_sessionfinish():
    with open(os.environ["MGE_HTTP_TRUTH"], "w", encoding="utf-8") as file:
        json.dump({"asked": sorted(ASKED), "routes": routes()}, file)
