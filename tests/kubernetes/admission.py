"""What a real API server would refuse: objects off the schema, and pods that aren't `restricted`.

The rules are those of https://kubernetes.io/docs/concepts/security/pod-security-standards/ (levels
baseline and restricted), for the fields that a pod may carry.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import kubernetes_validate

VERSION = "1.34"
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"}
_VOLUMES |= {"projected", "secret"}
_SECCOMP = {"RuntimeDefault", "Localhost"}


def schema_errors(pod: dict[str, Any]) -> list[str]:
    """What Kubernetes' own OpenAPI schema has against the object."""
    try:
        kubernetes_validate.validate(pod, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'.'.join(map(str, error.path))}: {error.message}"]
    return []


def restricted_violations(pod: dict[str, Any]) -> list[str]:
    """What Pod Security `restricted` has against the pod."""
    spec = pod["spec"]
    return [*_of_pod(spec), *(bad for one in _containers(spec) for bad in _of_container(spec, one))]


def _containers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = ("initContainers", "containers", "ephemeralContainers")
    return [one for kind in kinds for one in spec.get(kind) or ()]


def _of_pod(spec: dict[str, Any]) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield f"{field} must not be true"
    for volume in spec.get("volumes") or ():
        if wrong := set(volume) - {"name"} - _VOLUMES:
            yield f"volume {volume['name']} uses restricted types {sorted(wrong)}"
    if (spec.get("securityContext") or {}).get("runAsUser") == 0:
        yield "runAsUser must not be 0"
    if (spec.get("securityContext") or {}).get("sysctls"):
        yield "sysctls are not allowed"


def _of_container(spec: dict[str, Any], container: dict[str, Any]) -> Iterator[str]:
    name, own = container["name"], container.get("securityContext") or {}
    merged = {**(spec.get("securityContext") or {}), **own}
    if own.get("privileged"):
        yield f"{name}: privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield f"{name}: allowPrivilegeEscalation != false"
    if merged.get("runAsNonRoot") is not True:
        yield f"{name}: runAsNonRoot != true"
    if merged.get("runAsUser") == 0:
        yield f"{name}: runAsUser=0"
    if (merged.get("seccompProfile") or {}).get("type") not in _SECCOMP:
        yield f"{name}: seccompProfile.type must be RuntimeDefault or Localhost"
    capabilities = own.get("capabilities") or {}
    if "ALL" not in (capabilities.get("drop") or ()):
        yield f"{name}: must drop ALL capabilities"
    if set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}:
        yield f"{name}: must not add capabilities"
    if any(port.get("hostPort") for port in container.get("ports") or ()):
        yield f"{name}: hostPort"
