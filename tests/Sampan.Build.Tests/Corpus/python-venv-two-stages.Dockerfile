# syntax=docker/dockerfile:1.4

ARG PYTHON_VERSION=3.12-slim
FROM python:${PYTHON_VERSION} AS builder
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=off
WORKDIR /src
COPY requirements*.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /venv && \
    /venv/bin/pip install -r requirements.txt

FROM python:${PYTHON_VERSION}
COPY --from=builder --chown=1000:1000 /venv /venv
ENV PATH="/venv/bin:$PATH"
COPY . .
USER 1000
CMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]
