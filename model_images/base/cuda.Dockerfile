# What images on NVIDIA GPUs run on: the CPU base, so that Python and Debian's programs are the same in both. CUDA's libraries
# are pinned in the lock of the engines that use them; the driver is the node's. NVIDIA_VISIBLE_DEVICES stays unset: the device
# plugin says which GPUs a pod sees, and an image that says `all` may see those that nobody gave it.
ARG IMAGES=airdub
ARG TAG
FROM ${IMAGES}/base-cpu:${TAG}
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    CUDA_CACHE_PATH=/tmp/cuda \
    TRITON_CACHE_DIR=/tmp/triton \
    TORCHINDUCTOR_CACHE_DIR=/tmp/inductor
