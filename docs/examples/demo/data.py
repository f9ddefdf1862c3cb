"""Larch's data: files of partners, the nightly load, dbt. Plain functions."""

import random
import time

MODELS = ["stg_orders", "stg_payments", "stg_stock", "orders", "revenue_daily", "stock_level"]


def import_file(partner: str, path: str, rows: int) -> None:
    """Load one file of a partner."""
    print(f"Reading {path}")
    for part in range(0, rows, 10_000):
        time.sleep(0.3)
        if random.random() < 0.01:
            raise ValueError(f"{path}, line {part + random.randint(1, 9_999)}: 7 columns, not 8")
        print(f"{min(part + 10_000, rows):,} of {rows:,} rows")
    print(f"{partner} is up to date")


def nightly_load(night: str, partners: list[str]) -> None:
    """Load the full files of all partners, for the night that ends on this day."""
    print(f"Night of {night}: {', '.join(partners)}")
    for partner in partners:
        time.sleep(random.uniform(1.0, 3.0))
        print(f"{partner}: {random.randint(180_000, 420_000):,} rows")


def dbt_build(after_run: str, select: str = "+revenue_daily") -> None:
    """Build and test the models; runs when the nightly load is complete."""
    print(f"dbt build --select {select}   (after {after_run})")
    for number, model in enumerate(MODELS, start=1):
        time.sleep(random.uniform(0.4, 1.2))
        if model == "stock_level" and random.random() < 0.2:
            raise AssertionError("Test not_negative_stock_level.quantity failed: 3 rows")
        print(f"{number} of {len(MODELS)} OK created model {model}")
