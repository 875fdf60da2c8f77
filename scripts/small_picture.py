"""Make docs/demo.png, the picture of README.md, from build/demo/demo.png: below 150 kB."""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 150_000

image = Image.open(ROOT / "build" / "demo" / "demo.png").convert("RGB")
target = ROOT / "docs" / "demo.png"
for width in range(1100, 500, -50):
    small = image.resize((width, image.height * width // image.width), Image.Resampling.LANCZOS)
    small.quantize(128, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        target, optimize=True
    )
    if target.stat().st_size < LIMIT:
        break
print(f"{target.relative_to(ROOT)}: {width} pixels, {target.stat().st_size} bytes")
