"""Larch's data team: files of partners, nights, dbt, models that learn. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from demo.happenings import Happening, Stretch, happening

PARTNERS = ["acme", "borel", "cypress"]
DBT_MODELS = ["stg_orders", "stg_payments", "stg_stock", "orders", "revenue_daily", "stock_level"]
MODELS = ["demand", "returns"]
LATE_FILE_DAYS_AGO, NO_BACKUP_DAYS_AGO, REVERSED_DAYS_AGO, DRIFT_DAYS_AGO = 4, 2, 3, 6


def data_team(stretch: Stretch) -> Iterator[Happening]:
    """Everything that begins in the stretch; what follows may lie behind its end."""
    for partner in PARTNERS:
        yield from _full_files(stretch, partner)
        yield from _deltas(stretch, partner)
    for moment in stretch.daily("backup", 4, 0, 12):
        if stretch.days_ago(moment) != NO_BACKUP_DAYS_AGO:
            yield _backup(stretch, moment)
    for moment in stretch.daily("dbt", 3, 5, 10):
        yield from _dbt(stretch, moment)
    for model in MODELS:
        for moment in stretch.daily(f"dataset/{model}", 5, 10, 25):
            yield from _dataset(stretch, model, moment)
        for hour in range(24):
            for moment in stretch.daily(f"drift/{model}/{hour}", hour, 20, 15):
                yield _drift(stretch, model, moment)


def _file(stretch: Stretch, moment: datetime, name: str, partner: str, kind: str) -> Happening:
    rows = stretch.random.randint(8_000, 60_000) * (9 if kind == "full" else 1)
    path = f"s3://larch-in/{partner}/{kind}-{moment:%Y%m%d-%H%M}.parquet"
    return happening(
        stretch,
        moment,
        name,
        f"file.{partner}.{kind}",
        {"partner": partner, "kind": kind, "bucket": "larch-in"},
        related={"partner": f"partner.{partner}"},
        payload={"path": path, "rows": rows, "night": f"{moment:%Y-%m-%d}"},
    )


def _full_files(stretch: Stretch, partner: str) -> Iterator[Happening]:
    for moment in stretch.daily(f"full/{partner}", 1, 10, 70):
        late = partner == "cypress" and stretch.days_ago(moment) == LATE_FILE_DAYS_AGO
        landed = moment + timedelta(hours=4) if late else moment
        yield _file(stretch, landed, "file.landed", partner, "full")


def _deltas(stretch: Stretch, partner: str) -> Iterator[Happening]:
    for hour in range(0, 24, 4):
        for moment in stretch.daily(f"delta/{partner}/{hour}", hour, 35, 40):
            yield from delta(stretch, partner, moment)


def delta(stretch: Stretch, partner: str, moment: datetime) -> Iterator[Happening]:
    """A file with changes lands; most are checked soon, some late, some never."""
    landed = _file(stretch, moment, "file.landed", partner, "delta")
    yield landed
    chance = stretch.random.random()
    if chance > 0.05:
        minutes = stretch.random.uniform(1, 8) if chance > 0.1 else stretch.random.uniform(25, 40)
        checked = moment + stretch.after(minutes * 60)
        file = _file(stretch, checked, "file.checked", partner, "delta")
        # The check tells of the file that landed: the same path, the same rows.
        yield Happening(checked, replace(file.event, payload=landed.event.payload))


def _backup(stretch: Stretch, moment: datetime) -> Happening:
    payload = {"gigabytes": round(stretch.random.uniform(212, 219), 1)}
    labels = {"database": "larch-main"}
    return happening(stretch, moment, "backup.completed", "database.main", labels, payload=payload)


def _dbt(stretch: Stretch, moment: datetime) -> Iterator[Happening]:
    for model in DBT_MODELS:
        moment += timedelta(seconds=stretch.random.uniform(4, 40))
        failed = stretch.random.random() < 0.04
        yield happening(
            stretch,
            moment,
            "dbt.model.failed" if failed else "dbt.model.finished",
            f"dbt.{model}",
            {"model": model, "target": "prod"},
            payload={"seconds": round(stretch.random.lognormvariate(2, 0.8), 1)},
        )


def _dataset(stretch: Stretch, model: str, moment: datetime) -> Iterator[Happening]:
    """The data set, then its features; on one day the other way round."""
    labels = {"model": model}
    payload = {
        "dataset": f"{model}-{moment:%Y-%m-%d}",
        "rows": stretch.random.randint(10, 90) * 997,
    }
    features_at = moment + timedelta(minutes=stretch.random.uniform(12, 45))
    if stretch.days_ago(moment) == REVERSED_DAYS_AGO:
        moment, features_at = features_at, moment
    yield happening(
        stretch, moment, "dataset.published", f"dataset.{model}", labels, payload=payload
    )
    yield happening(
        stretch, features_at, "features.refreshed", f"features.{model}", labels, payload=payload
    )


def _drift(stretch: Stretch, model: str, moment: datetime) -> Happening:
    noisy = model == "demand" and stretch.days_ago(moment) >= DRIFT_DAYS_AGO
    score = stretch.random.betavariate(6, 4) if noisy else stretch.random.betavariate(2, 12)
    labels = {"model": model, "level": "high" if score > 0.5 else "low"}
    payload = {"score": round(score, 3)}
    return happening(
        stretch, moment, "model.drift.measured", f"model.{model}", labels, payload=payload
    )
