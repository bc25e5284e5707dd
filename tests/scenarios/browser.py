"""Headless Chromium on Airflow's pages, as a person would use them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from local_stack.stack import Stack
from poco_migration.settings import PROJECT

PICTURES = PROJECT / "build" / "pictures"
# Without the background flags Chromium asks its maker's servers at every start, which a closed network answers late.
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1500,950",
)  # fmt: skip
PATIENCE = 40


class Browser:
    """One window; signs in as somebody and looks at runs and tasks."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        options = webdriver.ChromeOptions()
        options.binary_location = str(shutil.which("chromium") or shutil.which("google-chrome") or "")
        for flag in FLAGS:
            options.add_argument(flag)
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))

    def close(self) -> None:
        self.driver.quit()

    def sign_in(self, user: str) -> None:
        self.driver.delete_all_cookies()
        self.driver.get(f"{self.stack.url}/auth/login")
        self.find("input[name=username]").send_keys(user)
        self.find("input[name=password]").send_keys(self.stack.state.secret(f"airflow {user}", 9))
        self.find("button[type=submit]").click()
        self.find("[data-testid=nav-dags-link]")

    def open(self, dag: str, run: str, page: str = "") -> None:
        self.driver.get(f"{self.stack.url}/dags/{dag}/runs/{quote(run, safe='')}{page}")

    def open_board(self) -> None:
        """The cockpit, as Airflow's menu shows it: in a frame that may do little."""
        self.driver.get(f"{self.stack.url}/plugin/poco")
        self.driver.switch_to.frame(self.find("iframe"))

    def leave_frame(self) -> None:
        self.driver.switch_to.default_content()

    def find(self, selector: str) -> Any:
        """The first element, waited for until it can be clicked."""
        return WebDriverWait(self.driver, PATIENCE).until(
            lambda driver: next((e for e in driver.find_elements(By.CSS_SELECTOR, selector) if e.is_displayed() and e.is_enabled()), None),
            f"{selector} did not appear",
        )

    def button(self, text: str, inside: str = "body") -> Any:
        return WebDriverWait(self.driver, PATIENCE).until(
            lambda driver: next(
                (e for e in driver.find_elements(By.CSS_SELECTOR, f"{inside} button") if e.text.strip() == text and e.is_enabled()), None
            ),
            f"no button {text!r}",
        )

    def wait_for_text(self, text: str) -> None:
        WebDriverWait(self.driver, PATIENCE).until(
            lambda driver: text in driver.find_element(By.TAG_NAME, "body").text, f"{text!r} is not shown"
        )

    def picture(self, name: str) -> Path:
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.driver.save_screenshot(str(path))
        return path
