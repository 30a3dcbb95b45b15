"""Endpoints of AWS services: in the region, or as the environment overrides them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: AWS partitions with their own domain, by the prefix of their regions (botocore's partitions.json,
#: which the tests compare with).
_DOMAINS = {
    "cn-": "amazonaws.com.cn",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
    "eu-isoe-": "cloud.adc-e.uk",
}


def region_of(environment: Mapping[str, str]) -> str:
    """Return the region of an environment, "" if it names none."""
    return environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", "")


def domain_of(region: str) -> str:
    """Return AWS's domain for a region."""
    found = (domain for start, domain in _DOMAINS.items() if region.startswith(start))
    return next(found, "amazonaws.com")


def endpoint_of(service: str, environment: Mapping[str, str]) -> str:
    """Return the URL of a service.

    The environment's own (`AWS_ENDPOINT_URL_SQS`, `AWS_ENDPOINT_URL`) comes first, then that of AWS
    in the environment's region.
    """
    given = environment.get(f"AWS_ENDPOINT_URL_{service.upper()}")
    given = given or environment.get("AWS_ENDPOINT_URL")
    region = region_of(environment)
    return (given or f"https://{service}.{region}.{domain_of(region)}").rstrip("/")
