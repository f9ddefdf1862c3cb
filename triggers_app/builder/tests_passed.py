"""How many of a draft's tests hold: it stands on the button that saves, after every edit."""

from project.lib.json_documents import Document
from triggers_app.automation.running_tests import run_tests


def tests_passed(document: Document) -> dict[str, int]:
    """For `_tests_count.html`. No query; at most what a document's bound of tests costs."""
    results = run_tests(document)
    return {"tests_total": len(results), "tests_passed": sum(one.passes for one in results)}
