"""Make a picture of the bars of every kernel from the JSON of `ferrotran compare`.

    .venv/bin/python scripts/compare_picture.py build/compare.json docs/compare.png

The page of `--html` is drawn by a headless Chromium; what stays is the first plot of the languages.
The picture is 1200 pixels wide and has less than 150 kB.
"""

from __future__ import annotations

import argparse
import base64
import io
import tempfile
from pathlib import Path

from chromium import chromium, open_report, prefer, resize
from ferrotran_compare import html, results
from PIL import Image

WIDTH = 1200
LIMIT = 150_000

# Leaves the block with the bars, and the space around it.
KEEP = """
const block = document.querySelector("#languages .block");
document.querySelectorAll("header, #main > *:not(#languages)").forEach((e) => e.remove());
document.querySelectorAll("#languages > *").forEach((e) => e === block || e.remove());
document.getElementById("languages").style.margin = block.style.margin = 0;
document.getElementById("main").style.padding = "28px 32px";
block.querySelector("h3").textContent = arguments[0];
return document.getElementById("main").getBoundingClientRect().height;
"""


def shoot(source: Path, title: str, scheme: str) -> Image.Image:
    """Draw the bars of a comparison."""
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "page.html"
        html.write(results.load(source), page)
        with chromium(Path(name) / "profile") as driver:
            resize(driver, WIDTH)
            prefer(driver, scheme)
            open_report(driver, page)
            height = driver.execute_script(KEEP, title)
            clip = {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1}
            shot = driver.execute_cdp_cmd(
                "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip}
            )
    return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")


def save(image: Image.Image, target: Path) -> None:
    """Write with as many colours as the limit allows."""
    for colours in (256, 128, 64, 32):
        small = image.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(target, optimize=True)
        if target.stat().st_size < LIMIT:
            break
    print(f"{target}: {image.width} x {image.height}, {target.stat().st_size} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("json", type=Path, help="what `ferrotran compare --json` has left")
    parser.add_argument("png", type=Path)
    parser.add_argument("--title", default="The same work in each language")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    options = parser.parse_args()
    save(shoot(options.json, options.title, options.scheme), options.png)


if __name__ == "__main__":
    main()
