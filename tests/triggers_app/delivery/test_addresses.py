"""Which addresses an effect outside may reach: those of the internet, however they are written."""

import ipaddress

import pytest

from triggers_app.delivery.addresses import is_public

PRIVATE = [
    # IPv4
    *("0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.254", "127.0.0.1"),
    *("127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.254", "192.0.0.1"),
    *("192.0.0.8", "192.0.0.9", "192.0.0.10", "192.0.0.170", "192.0.0.192", "192.0.2.1"),
    *("192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1"),
    *("198.18.0.1", "198.19.255.254", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255"),
    # IPv6
    *("::", "::1", "::2", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8", "64:ff9b::127.0.0.1"),
    *("64:ff9b::10.0.0.1", "64:ff9b:1::1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:ffff::10.0.0.1"),
    *("64:ff9b::1:0:0", "100::1", "100:0:0:1::1", "200::1", "400::1", "1000::1", "2001::1"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:1::1", "2001:2::1", "2001:3::1"),
    *("2001:4:112::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:1ff:ffff::1"),
    *("2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1"),
    *("2620:4f:8000::1", "3ffe::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "5f00:1::1"),
    *("8000::1", "e000::1", "f000::1", "fc00::1", "fd00:ec2::254", "fe00::1", "fe80::1"),
    *("febf::1", "fec0::1", "feff::1", "ff02::1", "ff0e::1"),
    *("2a00:1450::5efe:10.0.0.1", "2a00:1450::200:5efe:127.0.0.1"),
]
PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "100.63.255.255", "100.128.0.1", "172.15.0.1"),
    *("172.32.0.1", "191.255.255.255", "192.0.1.1", "192.88.98.1", "198.17.0.1", "198.20.0.1"),
    *("223.255.255.254", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1"),
    *("2400:cb00::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


BY_THE_ADDRESS_INSIDE = [ipaddress.ip_network("::ffff:0:0/96"), ipaddress.ip_network("2002::/16")]


def test_nothing_is_public_that_python_knows_to_be_private() -> None:
    """Whatever its release lists, at the edges and in the middle of each network."""
    known = [
        *ipaddress.IPv4Address._constants._private_networks,  # type: ignore[attr-defined]
        *ipaddress.IPv6Address._constants._private_networks,  # type: ignore[attr-defined]
    ]

    for network in known:
        if network in BY_THE_ADDRESS_INSIDE:
            continue
        middle = network.network_address + network.num_addresses // 2
        for address in (network.network_address, middle, network.broadcast_address):
            assert not is_public(address), address
