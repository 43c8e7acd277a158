# The bot with what it needs and nothing to build with. It writes nothing but /var/lib/screening.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
COPY requirements.txt .
RUN python -m venv --without-pip /venv \
 && pip --python /venv/bin/python install --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt
COPY bot /app/bot
COPY db /app/db
# The tree is read-only later: Python could not keep what it compiles.
RUN /venv/bin/python -m compileall -q /app

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --user-group --no-create-home screening \
 && install -d -o screening -g screening -m 700 /var/lib/screening
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER screening
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite:////var/lib/screening/screening.db \
    AUDIT_KEY_FILE=/var/lib/screening/audit.key \
    WATCH_PORT=8081
VOLUME /var/lib/screening
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --start-interval=2s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"WATCH_PORT\"]}/healthz')"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
