"""A headless Chromium that fetches nothing by itself, for the report page of a comparison."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

INSTALL = "sudo apt-get install chromium chromium-driver"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # root has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def programs() -> tuple[str, str] | None:
    """Paths of the browser and of its driver, or None where one is not installed."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


@contextmanager
def chromium(profile: Path) -> Iterator[webdriver.Chrome]:
    """Start the browser with an empty profile in the folder `profile`."""
    found = programs()
    if found is None:
        raise FileNotFoundError(f"chromium and chromedriver; install with: {INSTALL}")
    options = Options()
    options.binary_location = found[0]
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(found[1]))
    try:
        yield driver
    finally:
        driver.quit()


def resize(driver: webdriver.Chrome, width: int, *, height: int = 900, scale: float = 1) -> None:
    """Set the width of the page, which may be below that of the smallest window."""
    size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def prefer(driver: webdriver.Chrome, scheme: str) -> None:
    """Let the system prefer 'light' or 'dark'."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def open_report(driver: webdriver.Chrome, path: Path, timeout: float = 60) -> None:
    """Load a report and wait until its plots are drawn."""
    driver.get(path.resolve().as_uri())
    end = time.monotonic() + timeout
    while driver.execute_script("return document.documentElement.dataset.plots") != "drawn":
        if time.monotonic() > end:
            raise TimeoutError(f"{path}: the plots were not drawn within {timeout:g} s")
        time.sleep(0.02)
