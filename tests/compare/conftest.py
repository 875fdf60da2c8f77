"""What the tests of the comparison share."""

import ferrotran_compare


def pytest_report_header():
    target = ferrotran_compare.build_info()["target"]
    return f"ferrotran_compare for {target['cpu']}: {target['features']}"
