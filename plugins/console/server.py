"""The console as a web application: nothing of it answers without Airflow's login."""

from __future__ import annotations

from pathlib import Path

from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from airdub.errors import AirdubError, DependencyUnavailable, TemporaryFailure
from plugins.console.api import api
from plugins.console.dubs import NoDub
from plugins.console.feedback import router as feedback
from plugins.console.files import NotServed
from plugins.console.headers import PAGE_POLICY, SafeHeaders

BUNDLE = Path(__file__).with_name("bundle")
"""What `make setup` makes of `app/`."""

ASSETS = {
    "console.js": "text/javascript; charset=utf-8",
    "console.css": "text/css; charset=utf-8",
}

_NOT_BUILT = """<!doctype html><html lang="en"><title>airdub</title>
<h1>The console's page isn't built</h1>
<p>Run <code>make setup</code> where airdub is installed, then load this page again.</p></html>"""

_LOG_IN = """<!doctype html><html lang="en"><title>airdub</title>
<h1>Please log in</h1><p>This page is open to Airflow's users. <a href="../">Log in to Airflow</a>,
then load it again.</p></html>"""


def create_console() -> FastAPI:
    """The application: whoever may see `dub_video` may see its dubs and say what he thinks of them.

    Nobody changes anything else.
    """
    console = FastAPI(
        title="airdub console",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(requires_access_dag("GET", param_dag_id="dub_video"))],
    )
    console.add_middleware(SafeHeaders)
    console.add_api_route("/", page, methods=["GET"])
    console.add_api_route("/assets/{name}", asset, methods=["GET"])
    console.include_router(api)
    console.include_router(feedback)
    console.exception_handler(NotServed)(_not_served)
    console.exception_handler(NoDub)(_no_dub)
    console.exception_handler(AirdubError)(_failed)
    console.exception_handler(HTTPException)(_refused)
    return console


def page() -> Response:
    """The page itself; which run it shows is a matter between its address and its script."""
    file = BUNDLE / "index.html"
    if not file.is_file():
        return HTMLResponse(_NOT_BUILT, 503)
    return FileResponse(file, headers={"Content-Security-Policy": PAGE_POLICY})


def asset(name: str) -> Response:
    """The page's script or style sheet."""
    file = BUNDLE / name
    if name not in ASSETS or not file.is_file():
        raise NotServed(name)
    return FileResponse(file, media_type=ASSETS[name])


def _not_served(request: Request, error: NotServed) -> Response:
    return JSONResponse({"detail": "there is no such file"}, 404)


def _no_dub(request: Request, error: NoDub) -> Response:
    return JSONResponse({"detail": "this run has no dub"}, 404)


def _failed(request: Request, error: AirdubError) -> Response:
    """Our own errors in their own words, but for where on the server they happened."""
    away = isinstance(error, DependencyUnavailable | TemporaryFailure)
    return JSONResponse({"detail": error.what}, 503 if away else 500)


def _refused(request: Request, error: HTTPException) -> Response:
    """People who open the page without a login are told where to get one."""
    if error.status_code == 401 and "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(_LOG_IN, 401)
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)
