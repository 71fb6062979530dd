# SPDX-License-Identifier: Apache-2.0
"""Programs that embed the library: a web application in a real browser, a timer, a notebook."""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import attrs
import pytest
import requests
from werkzeug.serving import make_server

from territoire_sante import Store, Workspace
from territoire_sante.model import Event, Lever, Visibility
from territoire_sante.serialization import read_entities
from territoire_sante.testing.radicale import RadicaleServer

ROOT = Path(__file__).parents[2]
EMBEDDING = ROOT / "examples" / "embedding"
DATA = ROOT / "examples" / "data"
LINK = """
[[link]]
name = "agenda"
connector = "caldav"
view = "event"
[link.config]
url = "{url}"
username = "territoire"
password = "territoire"
"""


def load(name):
    """Import an example as a module."""
    spec = importlib.util.spec_from_file_location(name, EMBEDDING / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a configuration and a store of the example territory."""
    path = tmp_path / "territoire.toml"
    path.write_text(f'[store]\nurl = "sqlite:///{tmp_path}/territoire.db"\n', encoding="utf-8")
    with Store.open(f"sqlite:///{tmp_path}/territoire.db") as store:
        for name in ("territory.json", "cooperation.jsonl"):
            store.put(*read_entities(DATA / name))
    return tmp_path


@pytest.fixture
def served(folder):
    """Serve the application on this machine; return its address."""
    module = load("web_app")
    app = module.application(
        lambda: Workspace.open(folder / "territoire.toml"),
        token="s3cret-of-the-timer",
        today=lambda: dt.date(2026, 11, 20),
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def post(url, token):
    """Ask for a sync; return the status and what was answered."""
    answer = requests.post(url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    return answer.status_code, answer.json()


@pytest.fixture
def browser(tmp_path):
    """Return a real browser without a window."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        if os.environ.get("CI"):
            pytest.fail("before a merge the page is looked at: install chromium and chromedriver")
        pytest.skip(
            "chromium and chromedriver are not installed (Debian: apt install chromium-driver)"
        )
    from selenium import webdriver  # noqa: PLC0415 - only where there is a browser

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}/c",
    ):
        options.add_argument(flag)
    service = webdriver.ChromeService(executable_path=driver)
    found = webdriver.Chrome(options=options, service=service)
    found.implicitly_wait(10)
    yield found
    found.quit()


def test_a_person_finds_a_tent(browser, served):
    """In a browser, somebody types what and where, and reads whom to ask by when."""
    from selenium.webdriver.common.by import By  # noqa: PLC0415 - see browser

    browser.get(served)
    browser.find_element(By.NAME, "text").send_keys("barnum")
    browser.find_element(By.NAME, "near").send_keys("48181")
    browser.find_element(By.TAG_NAME, "button").click()
    (found,) = browser.find_elements(By.TAG_NAME, "article")

    assert "Barnums 3 m × 3 m — Commune de La Canourgue" in found.text
    assert browser.title == "Qui peut aider près d'ici ?"


def test_a_wrong_code_is_explained(browser, served):
    """A code that is no commune's is told in words, not as a fault."""
    from selenium.webdriver.common.by import By  # noqa: PLC0415 - see browser

    browser.get(f"{served}/?near=Mende")

    assert "cinq signes" in browser.find_element(By.CSS_SELECTOR, "[role=alert]").text


def test_what_people_type_is_shown_not_run(browser, served):
    """A script that is typed into the form stays a text."""
    from selenium.webdriver.common.by import By  # noqa: PLC0415 - see browser

    browser.get(f"{served}/?near=48181&text=%22%3E%3Cscript%3Edocument.title%3D1%3C%2Fscript%3E")

    assert browser.title == "Qui peut aider près d'ici ?"
    assert browser.find_element(By.NAME, "text").get_attribute("value").startswith('"><script>')


def test_only_public_levers_are_shown(served, folder):
    """A lever that is for partners leaves the page at the next request."""
    url = f"{served}/api/levers?text=barnum&near=48181"
    assert [one["id"] for one in requests.get(url, timeout=60).json()] == ["lever:barnum"]
    with Store.open(f"sqlite:///{folder}/territoire.db") as store:
        lever = store.get(Lever, "lever:barnum")
        store.put(attrs.evolve(lever, visibility=Visibility.PARTNERS))
    assert requests.get(url, timeout=60).json() == []


def test_flask_finds_the_application(folder):
    """The command of the first lines of the example starts from the environment alone."""
    told = subprocess.run(  # noqa: S603 - our own example
        [sys.executable, "-m", "flask", "--app", str(EMBEDDING / "web_app.py"), "routes"],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
        env={
            **os.environ,
            "TERRITOIRE_SANTE_FILE": str(folder / "territoire.toml"),
            "SYNC_TOKEN": "s3cret-of-the-timer",
        },
    ).stdout

    assert {"/api/levers", "/sync", "/"} <= set(told.split())


def test_a_sync_from_the_web(served, folder):
    """A sync needs the token; without a link there is nothing to do, and that is well."""
    assert post(f"{served}/sync", "guessed")[0] == 401
    assert post(f"{served}/sync", "deviné".encode().decode("latin-1"))[0] == 401
    assert post(f"{served}/sync", "s3cret-of-the-timer") == (200, [])
    assert (folder / "territoire.db").exists()


def timer(folder):
    """Run the script of the timer; return how it ended."""
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(EMBEDDING / "nightly_sync.py"), str(folder / "territoire.toml")],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )


def test_a_timer(folder):
    """A timer is silent when all is well, and everything has arrived on the server."""
    with RadicaleServer(folder / "radicale") as server:
        url = server.create_calendar("agenda")
        with (folder / "territoire.toml").open("a", encoding="utf-8") as file:
            file.write(LINK.format(url=url))
        first, second = timer(folder), timer(folder)
        shown = list((folder / "radicale").rglob("agenda/*.ics"))
    with Store.open(f"sqlite:///{folder}/territoire.db") as store:
        audience = (Visibility.PUBLIC, Visibility.PARTNERS)
        count = sum(1 for one in store.all(Event) if one.visibility in audience)

    assert [(one.returncode, one.stdout, one.stderr) for one in (first, second)] == [
        (0, "", "")
    ] * 2
    assert len(shown) == count == 4


def test_a_timer_tells_what_is_wrong(folder):
    """A server that does not answer makes the code 3, with one line that names the link."""
    with (folder / "territoire.toml").open("a", encoding="utf-8") as file:
        file.write(LINK.format(url="http://127.0.0.1:9/msp/agenda/"))
    ran = timer(folder)

    assert ran.returncode == 3
    assert ran.stderr.startswith("agenda: ")


def test_the_notebook(capsys):
    """The cells run one after the other, and print what they say."""
    runpy.run_path(str(EMBEDDING / "notebook.py"))
    told = capsys.readouterr().out

    assert "levers are offered" in told
    assert "'Warning': 3" in told
