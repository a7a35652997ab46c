"""Install what the tests need beyond Python: a Chromium browser and Chinese fonts, where they are missing."""

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def missing() -> list[str]:
    """Debian packages for what this machine lacks."""
    packages = []
    if not any(map(shutil.which, BROWSERS)):
        packages.append("chromium")
    fonts = (
        subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True)
        if shutil.which("fc-list")
        else None
    )
    if fonts is None or not fonts.stdout.strip():
        packages += ["fontconfig", "fonts-noto-cjk"]
    return packages


def main() -> None:
    packages = missing()
    if not packages:
        return
    if not shutil.which("apt-get"):
        print(f"缺少 {'、'.join(packages)}：请先安装，浏览器测试需要它们。", file=sys.stderr)
        return
    root = [] if os.geteuid() == 0 else ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*root, "apt-get", "-qq", "update"], check=True, env=environment)
    install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages]
    subprocess.run([*root, *install], check=True, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
