"""The web process: which proxies are believed."""

import pytest

from project.web import trusted_proxies

NAMES = ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "FORWARDED_ALLOW_IPS")


@pytest.mark.parametrize(
    ("environment", "believed"),
    [
        ({}, ""),
        ({"CSRF_TRUSTED_ORIGINS": "https://flint.example.org"}, "127.0.0.1,::1"),
        ({"ALLOWED_HOSTS": "flint.example.org"}, "127.0.0.1,::1"),
        ({"FORWARDED_ALLOW_IPS": "10.0.0.1"}, "10.0.0.1"),
        ({"ALLOWED_HOSTS": "x", "FORWARDED_ALLOW_IPS": "10.0.0.1"}, "10.0.0.1"),
    ],
    ids=["nothing", "origin", "host", "named", "named and host"],
)
def test_a_proxy_is_believed_only_where_there_can_be_one(
    environment: dict[str, str], believed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert trusted_proxies() == believed
