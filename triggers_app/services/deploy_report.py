"""What a deploy did, for whoever asked for it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One thing that was deployed: `created`, `changed`, `unchanged` or `removed`."""

    verb: str
    kind: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.verb:9} {self.kind:10} {self.name}" + (self.detail and f"  ({self.detail})")


@dataclass(slots=True)
class Report:
    """`warnings` tell of what was accepted and is questionable."""

    lines: list[ReportLine] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, verb: str, kind: str, name: str, detail: str = "") -> None:
        self.lines.append(ReportLine(verb, kind, name, detail))
