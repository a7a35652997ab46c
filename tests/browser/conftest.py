"""The running product, as `make run` starts it, and a real Chromium."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
START_SECONDS = 90
expect.set_options(timeout=15_000)  # a page drawn beside the other tests of a two-core machine
PHONE: Any = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP: Any = {"viewport": {"width": 1440, "height": 900}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test may be tried a second time, and says so: on a busy two-core machine a click can
    fall into the moment in which Streamlit draws the page anew."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.skip("这台机器没有 Chromium，浏览器测试跳过")
    return {"executable_path": CHROMIUM, "args": FLAGS.split(), "headless": True}


@dataclass
class Product:
    """Both doors of a running product with demo data of its own."""

    public: str
    office: str
    demo: dict[str, Any]
    folder: Path
    process: subprocess.Popen[bytes]

    def login(self, role: str) -> tuple[str, str]:
        """Name and password of the demo account with this role."""
        found = next(one for one in self.demo["logins"] if one["role"] == role)
        return found["name"], found["password"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_survey(folder: Path, *words: str) -> None:
    """One `survey` command on the data in `folder`."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SURVEY_")}
    command = [sys.executable, "-m", "survey.cli", *words]
    subprocess.run(command, cwd=ROOT, env={**environment, "SURVEY_DATA_DIR": str(folder)}, check=True)


def start_product(folder: Path, demo: bool = True, **settings: str) -> Product:
    """`survey serve` on free ports with its data in `folder`; ready when it returns."""
    public, office = free_port(), free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SURVEY_")} | {
        "SURVEY_DATA_DIR": str(folder),
        "SURVEY_BASE_URL": f"http://127.0.0.1:{public}",
        "SURVEY_PUBLIC_HOST": "127.0.0.1",
        "SURVEY_PUBLIC_PORT": str(public),
        "SURVEY_OFFICE_PORT": str(office),
        **settings,
    }
    log = (folder / "serve.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "survey.cli", "serve", *(["--demo"] if demo else [])],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
    )
    deadline = time.monotonic() + START_SECONDS
    while "Ctrl-C" not in (folder / "serve.log").read_text(encoding="utf-8"):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail("没有启动：" + (folder / "serve.log").read_text(encoding="utf-8"))
        time.sleep(0.1)
    made = json.loads((folder / "demo.json").read_text(encoding="utf-8")) if demo else {}
    return Product(f"http://127.0.0.1:{public}", f"http://127.0.0.1:{office}", made, folder, process)


def stop_product(product: Product) -> int:
    """Ctrl-C; the exit status."""
    product.process.send_signal(signal.SIGINT)
    return product.process.wait(timeout=20)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product all browser tests share."""
    running = start_product(tmp_path_factory.mktemp("product"))
    yield running
    stop_product(running)


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demo data made once, to be copied."""
    folder = tmp_path_factory.mktemp("demo")
    run_survey(folder, "demo")
    return folder


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, demo_data: Path) -> Iterator[Product]:
    """A product for one file of tests, where what they change would show in the others' pictures."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(demo_data, folder, dirs_exist_ok=True)
    running = start_product(folder, SURVEY_GRACE_MINUTES="0")
    yield running
    stop_product(running)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A fresh phone-size browser."""
    context = browser.new_context(**PHONE, locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A fresh desktop-size browser."""
    context = browser.new_context(**DESKTOP, locale="zh-CN")
    yield context.new_page()
    context.close()


def sign_in(page: Page, product: Product, role: str, then: str = "/dashboard") -> None:
    """Sign in at the office door and open a page."""
    name, password = product.login(role)
    page.goto(f"{product.office}/login?next={quote(then, safe='')}")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    if page.url.endswith("/password"):  # given by someone else: the first sign-in asks for one's own
        change_password(page, product, role)
        page.goto(f"{product.office}{then}")


def change_password(page: Page, product: Product, role: str) -> None:
    """Choose a password of one's own on the page that asks for it."""
    login = next(one for one in product.demo["logins"] if one["role"] == role)
    page.fill("#old", login["password"])
    login["password"] = f"Own-{login['password']}"
    page.fill("#new", login["password"])
    page.fill("#again", login["password"])
    page.click("button.button")
    page.wait_for_url(lambda address: "/password" not in address)
