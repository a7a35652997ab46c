"""`survey serve`: both doors and the job runner, each a process; stopped together."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from io import TextIOWrapper
from typing import Any

from survey.output.press import qr_codes
from survey.running import listening
from survey.running.stopping import Stop, end_when_left_alone
from survey.settings import ROOT, get_settings
from survey.settings.errors import SettingsError
from survey.storage.accounts import people
from survey.storage.database import reading

PARTS = ("public", "office", "jobs")
READY_SECONDS = 60
STOP_SECONDS = 8
OFFICE_NICENESS = 10  # phones come first when the processor is short


def serve(demo: dict[str, Any] | None, stop: Stop) -> None:
    """Start every part, say where to go, and wait until asked to stop; one part ending ends all."""
    settings = get_settings()
    if settings.public_port == settings.office_port:
        raise SettingsError("企业端和办公端不能共用一个端口，请改 SURVEY_PUBLIC_PORT 或 SURVEY_OFFICE_PORT。")
    _refuse_taken_port("企业端", settings.public_host, settings.public_port, "SURVEY_PUBLIC_PORT")
    _refuse_taken_port("办公端", settings.office_host, settings.office_port, "SURVEY_OFFICE_PORT")
    parts: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in PARTS:
            if not stop.asked:
                parts[name] = _start(name)
        if _wait_until_ready(parts, stop):
            print_welcome(demo)
            print("按 Ctrl-C 停止。", flush=True)
        while not stop.wait(0.5):
            if ended := [name for name, part in parts.items() if part.poll() is not None]:
                raise SettingsError(f"{ended[0]} 意外停止，已全部关闭。请查看上面的提示。")
    finally:
        _end(parts)
        with contextlib.suppress(OSError):  # the terminal may be gone
            print("已停止。", flush=True)


def _start(name: str) -> subprocess.Popen[bytes]:
    # Its own process group: Ctrl-C reaches this process only, which then stops the parts in order.
    apart: dict[str, Any] = (
        {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
        if sys.platform == "win32"
        else {"start_new_session": True}
    )
    return subprocess.Popen([sys.executable, "-m", "survey.cli", "door", name], cwd=ROOT, **apart)


def _end(parts: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask every part to stop; one that does not is killed with all that it started."""
    for part in parts.values():
        if part.poll() is None:
            part.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts.values():
        try:
            part.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill(part)
            part.wait()


def _kill(part: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        part.kill()
    else:
        os.killpg(part.pid, signal.SIGKILL)


def _refuse_taken_port(door: str, host: str, port: int, setting: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"{door}的端口 {port} 不能用（{error.strerror}）。请关闭占用它的程序，或用 {setting} 换一个端口。"
            ) from error


def _wait_until_ready(parts: dict[str, subprocess.Popen[bytes]], stop: Stop) -> bool:
    """Whether both doors answer; False when told to stop before."""
    settings = get_settings()
    doors = (settings.public_host, settings.public_port), (settings.office_host, settings.office_port)
    for host, port in doors:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(port, _own_address(host)):
            if stop.wait(0.1):
                return False
            if any(part.poll() is not None for part in parts.values()) or time.monotonic() > deadline:
                raise SettingsError("没有启动成功，请查看上面的提示。")
    return True


def _answers(port: int, host: str = "127.0.0.1") -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=0.5):
        return True
    return False


def _own_address(host: str) -> str:
    """Where this machine reaches a door of its own that listens on `host`."""
    return "127.0.0.1" if host == "0.0.0.0" else host


def let_print_anything() -> None:
    """Output sent to a file on Windows knows only some characters; the others become question marks."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def has_accounts() -> bool:
    with reading() as db:
        return people.has_users(db)


def print_welcome(demo: dict[str, Any] | None, shared_port: bool = False) -> None:
    """Where to go: the phone address with its QR code, the dashboard, the demo logins."""
    settings = get_settings()
    port = settings.public_port if shared_port else settings.office_port
    office = f"http://{_own_address(settings.office_host)}:{port}"
    let_print_anything()
    if demo:
        phone = f"{settings.address}/q/{demo['open_code']}"
        print(qr_codes.terminal(phone))
        print(f"手机扫码填写（演示数据）：{phone}")
    print(f"企业端：{settings.address}")
    print(f"办公端：{office}/dashboard")
    if demo:
        print("演示登录：")
        for login in demo["logins"]:
            print(f"  {login['name']}　密码 {login['password']}　（{login['role']}）")
    elif has_accounts():
        print("这里没有演示数据；请用已有账号登录办公端。")
    else:
        print("还没有账号。请另开一个终端新建：survey user add 账号 --role admin，再登录办公端。")


def run_part(name: str) -> None:
    """Serve one part until told to stop."""
    settings = get_settings()
    end_when_left_alone()
    if name != "public" and hasattr(os, "nice"):
        os.nice(OFFICE_NICENESS)
    if name == "jobs":
        _run_jobs()
    elif name == "public":
        listening.run(
            "survey.web.phone.public:create_app", settings.public_host, settings.public_port,
            workers=settings.workers, factory=True,
        )  # fmt: skip
    else:
        sys.path.insert(0, str(ROOT))
        listening.run("app:app", settings.office_host, settings.office_port)


def _run_jobs() -> None:
    from survey.running.runner import JobRunner

    logging.basicConfig(level=logging.WARNING)
    stop = Stop()
    runner = JobRunner()
    runner.start()
    while not stop.wait(1):
        pass
    runner.stop()
