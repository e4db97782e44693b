"""The browser on this machine."""

import shutil

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)

in_a_browser = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
