# The bot in a container: `docker build --tag paperclub .`
#
# PIP_ARGS goes on to pip, for instance "--extra-index-url ADDRESS" for PyTorch's CPU build.

FROM python:3.11-slim-trixie AS build
ARG PIP_ARGS=""
RUN python -m venv /opt/paperclub
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot/ bot/
COPY papers/ papers/
COPY storage/ storage/
COPY adapters/ adapters/
COPY app/ app/
# Unquoted, because PIP_ARGS is several words.
# hadolint ignore=SC2086
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/paperclub/bin/pip install ${PIP_ARGS} --constraint constraints.txt .

FROM python:3.11-slim-trixie
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin paperclub \
    && install --directory --owner=paperclub --group=paperclub --mode=0700 /data
COPY --from=build /opt/paperclub /opt/paperclub
ENV PATH=/opt/paperclub/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PAPERCLUB_DATA_DIR=/data \
    PAPERCLUB_PORT=8080
USER 10001:10001
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import http.client, os; line = http.client.HTTPConnection('127.0.0.1', int(os.environ['PAPERCLUB_PORT']), timeout=5); line.request('GET', '/healthz'); raise SystemExit(line.getresponse().status != 200)"]
CMD ["paperclub", "run"]
