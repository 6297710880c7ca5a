# One image for web and worker; everything the stages need is inside, nothing is fetched later.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.lock pyproject.toml README.md ./
RUN /app/.venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY records records
COPY intake intake
COPY ocr ocr
COPY matching matching
COPY deposits deposits
COPY returned_mail returned_mail
COPY web web
COPY bench bench
RUN /app/.venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home lockbox \
    && chmod 700 /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    LOCKBOX_DATA_DIR=/data \
    LOCKBOX_HOST=0.0.0.0 \
    OMP_THREAD_LIMIT=1
USER lockbox
VOLUME /data
EXPOSE 8017
CMD ["lockbox", "serve"]
