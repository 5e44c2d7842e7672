ARG IMAGES=airdub
ARG TAG
FROM ${IMAGES}/build:${TAG} AS packages
COPY requirements/images/lipsync-neural.txt /tmp/lock.txt
RUN --mount=type=cache,target=/root/.cache/pip --mount=type=secret,id=pip,target=/root/.config/pip/pip.conf \
    install-packages /tmp/lock.txt

FROM ${IMAGES}/base-cuda:${TAG}
RUN install-programs default-jre-headless
COPY --from=packages /opt/venv /opt/venv
COPY airdub airdub/
COPY model_images/__init__.py model_images/
COPY model_images/common model_images/common/
COPY model_images/runner model_images/runner/
COPY model_images/lipsync model_images/lipsync/
USER 10001:10001
ENTRYPOINT ["python", "-m", "model_images.runner"]
