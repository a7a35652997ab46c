"""The main job against the running product: scan, fill in, watch the dashboard move, take the CSV home."""

import csv
import io
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PHONE, Product, sign_in, start_product, stop_product

RATED = ("税务局", "市场监督管理局", "住房和城乡建设局")
SOON = 5_000  # ms: how soon an open dashboard must show a new form


def fill_in(phone: Page, address: str, words: tuple[str, ...] = ("满意", "满意", "满意")) -> int:
    """Rate three departments; returns how many taps it took up to and including the submit."""
    phone.goto(address)
    taps = 0
    for name in RATED:
        phone.locator(".choose label", has_text=re.compile(rf"^\s*{name}\s*$")).tap()
        taps += 1
    for name, word in zip(RATED, words, strict=True):
        card = phone.locator("section.dep", has=phone.get_by_role("heading", name=name))
        card.locator("fieldset.overall label", has_text=re.compile(word)).first.tap()
        taps += 1
    return taps + 1


def send(phone: Page) -> None:
    phone.locator(".send button").tap()
    phone.wait_for_url("**/r/*")


@pytest.fixture
def unused(product: Product) -> list[str]:
    """Enterprise codes that nobody has used, taken so that no test uses one twice."""
    taken = product.demo["codes"][-6:]
    product.demo["codes"] = product.demo["codes"][:-6]
    return list(taken)


def collected(desk: Page) -> Locator:
    """The figure 收回答卷 on the open dashboard."""
    return desk.locator("dl.counts dd").first


def summary(desk: Page, product: Product) -> list[dict[str, str]]:
    answer = desk.request.get(f"{product.office}/export/{product.demo['wave']}/summary.csv")
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))


def rated(rows: list[dict[str, str]], department: str) -> int:
    row = next(one for one in rows if one["部门"] == department and one["题目"] == "总体满意度")
    return int(row["评价数"] or 0)


def test_from_the_scan_to_the_last_csv_row(
    browser: Browser, phone: Page, desk: Page, product: Product, unused: list[str]
) -> None:
    sign_in(desk, product, "officer", f"/dashboard?wave={product.demo['wave']}")
    figure = collected(desk)
    expect(figure).to_contain_text("份", timeout=30_000)
    before = int(figure.inner_text().split()[0])
    rated_before = {name: rated(summary(desk, product), name) for name in RATED}

    assert fill_in(phone, f"{product.public}/q/{unused[0]}", ("满意", "满意", "^\\s*不满意")) <= 8
    phone.locator("#text").fill("厂门口的路灯坏了两周，请帮忙修好。")
    phone.locator("label", has_text="要办的事").first.tap()
    phone.locator("label.use", has_text="请帮我办").tap()
    phone.locator("#contact").fill("张经理 13800000000")
    send(phone)
    expect(phone.locator(".number b")).to_have_text(re.compile(r"^[A-Z2-7]{4}-[A-Z2-7]{4}$"))
    expect(phone.get_by_text("厂门口的路灯坏了两周")).to_be_hidden()  # for whoever holds the phone next
    phone.get_by_text("显示我写的内容").tap()
    expect(phone.get_by_text("厂门口的路灯坏了两周")).to_be_visible()

    expect(figure).to_contain_text(f"{before + 1} 份", timeout=SOON)

    for code in unused[1:5]:
        context = browser.new_context(**PHONE, locale="zh-CN")
        page = context.new_page()
        fill_in(page, f"{product.public}/q/{code}", ("非常", "满意", "基本"))
        send(page)
        context.close()
    expect(figure).to_contain_text(f"{before + 5} 份", timeout=SOON)
    desk.wait_for_timeout(3_000)
    rows = summary(desk, product)
    for name in RATED:
        assert rated(rows, name) >= rated_before[name] + 5, name

    desk.goto(f"{product.office}/cases")
    expect(desk.get_by_text("厂门口的路灯坏了两周").first).to_be_attached(timeout=30_000)


def test_a_used_code_says_so_on_another_phone(
    browser: Browser, phone: Page, product: Product, unused: list[str]
) -> None:
    address = f"{product.public}/q/{unused[5]}"
    fill_in(phone, address)
    send(phone)
    context = browser.new_context(**PHONE, locale="zh-CN")
    other = context.new_page()
    other.goto(address)
    expect(other.get_by_role("heading", level=1)).to_contain_text("已")
    context.close()


def test_ctrl_c_stops_everything_and_frees_the_ports(tmp_path: Path) -> None:
    running = start_product(tmp_path)
    ours = psutil.Process(running.process.pid).children(recursive=True)
    assert len(ours) >= 3  # two doors and the job runner
    assert stop_product(running) == 0
    assert not [one for one in ours if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    for address in (running.public, running.office):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", int(address.rsplit(":", 1)[1])))


def test_a_taken_port_is_named_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        settings = {
            "SURVEY_DATA_DIR": str(tmp_path),
            "SURVEY_PUBLIC_HOST": "127.0.0.1",
            "SURVEY_PUBLIC_PORT": port,
        }
        ended = subprocess.run(
            [sys.executable, "-m", "survey.cli", "serve"], env={**os.environ, **settings},
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert ended.returncode == 1
    assert f"端口 {port} 不能用" in ended.stderr.replace("\n", "")
    assert "Traceback" not in ended.stderr
