"""Which server reads what another one wrote; Redis's and Valkey's numbers are not of one scale."""

import pytest

from project.lib.redis_version import RedisVersion

VALKEY_9 = ("valkey", "9.1.2")


@pytest.mark.parametrize(
    ("program", "written", "reads"),
    [
        pytest.param(VALKEY_9, ("redis", "6.2.14"), True, id="what earlier versions of Flint had"),
        pytest.param(VALKEY_9, ("redis", "7.2.11"), True, id="Valkey left Redis after 7.2"),
        pytest.param(VALKEY_9, ("redis", "7.4.0"), False, id="Redis's own format since 7.4"),
        pytest.param(VALKEY_9, ("redis", "8.2.1"), False, id="8 of Redis is not below 9 of Valkey"),
        pytest.param(
            VALKEY_9, ("valkey", "9.1.0"), True, id="patches of a release read each other"
        ),
        pytest.param(VALKEY_9, ("valkey", "9.2.0"), False, id="a newer Valkey"),
        pytest.param(("redis", "7.0.15"), VALKEY_9, False, id="Redis 7 after Valkey 9"),
        pytest.param(
            ("redis", "10.0.0"), VALKEY_9, False, id="10 of Redis is not above 9 of Valkey"
        ),
        pytest.param(("redis", "8.2.1"), ("redis", "7.0.15"), True, id="an older Redis"),
        pytest.param(("redis", "7.0.15"), ("redis", "7.2.0"), False, id="a newer Redis"),
    ],
)
def test_who_reads_what(program: tuple[str, str], written: tuple[str, str], reads: bool) -> None:
    assert RedisVersion.of(*program).reads(RedisVersion.of(*written)) is reads


@pytest.mark.parametrize(
    ("product", "number", "supported"),
    [
        ("redis", "6.2.14", False),
        ("redis", "7.0.0", True),
        ("redis", "8.2.1", True),
        ("valkey", "7.1.9", False),
        ("valkey", "7.2.5", True),
        ("valkey", "9.1.2", True),
    ],
)
def test_the_oldest_that_flint_runs_on(product: str, number: str, supported: bool) -> None:
    assert RedisVersion.of(product, number).is_supported is supported


def test_valkey_is_known_by_its_own_number() -> None:
    info = {"redis_version": "7.2.4", "server_name": "valkey", "valkey_version": "9.1.2"}

    assert str(RedisVersion.from_info(info)) == "Valkey 9.1.2"
    assert str(RedisVersion.from_info({"redis_version": "7.0.15"})) == "Redis 7.0.15"
