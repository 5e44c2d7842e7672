"""What was asked of the test API server, and what deploy/kubernetes grants."""

from __future__ import annotations

import re

from tests.unit.deploy.manifests import objects

_PATH = re.compile(
    r"/api/v1/namespaces/(?P<namespace>[^/]+)/pods(/(?P<name>[^/?]+)(?P<log>/log)?)?"
)
_VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete", "GET": "get"}

Rights = set[tuple[str, str, str]]
"""Namespace, resource and verb."""


def asked(calls: list[str]) -> Rights:
    """Rights that requests need, as the API server's authorizer sees them."""
    found = set()
    for call in calls:
        method, _, target = call.partition(" ")
        parts = _PATH.fullmatch(target.partition("?")[0])
        assert parts, f"{call} is about more than pods"
        verb = _VERBS[method]
        if not parts["name"]:
            verb = {"get": "list", "delete": "deletecollection"}.get(verb, verb)
            verb = "watch" if "watch=true" in target else verb
        found.add((parts["namespace"], "pods/log" if parts["log"] else "pods", verb))
    return found


def granted(role: str) -> Rights:
    """Rights that a role gives."""
    manifest = objects("Role", "airdub")[role]
    return {
        (manifest["metadata"]["namespace"], resource, verb)
        for rule in manifest["rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
