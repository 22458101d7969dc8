# syntax=docker/dockerfile:1

# Compiled crates and the registry stay in cache mounts: a change of ours compiles ours alone.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY .sqlx .sqlx
COPY migrations migrations
COPY src src
# Cargo wants to see every target that the manifest names.
COPY benches benches
COPY tests tests
ENV SQLX_OFFLINE=true
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --bin iocsift \
    && install -D --mode=0755 target/release/iocsift /out/iocsift

FROM debian:bookworm-slim
# Reads scanned pages. Other languages are more packages; without any the image is some 54 MB smaller:
# --build-arg OCR="tesseract-ocr tesseract-ocr-deu", --build-arg OCR=
ARG OCR="tesseract-ocr tesseract-ocr-eng"
# The server binaries of Postgres are for the private database, which runs where DATABASE_URL is not set.
# The package must not make a cluster of its own.
# The slim image lacks the folders of manual pages that Postgres' packages link into.
RUN mkdir -p /usr/share/man/man1 /usr/share/man/man7 \
    && apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
    && apt-get install --yes --no-install-recommends postgresql ${OCR} \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 65532 iocsift \
    && useradd --uid 65532 --gid 65532 --home-dir /var/lib/iocsift --no-create-home --shell /usr/sbin/nologin iocsift \
    && install --directory --owner=iocsift --group=iocsift --mode=0700 /var/lib/iocsift
COPY --from=build /out/iocsift /usr/local/bin/iocsift

ENV IOCSIFT_LISTEN=0.0.0.0:8080 \
    IOCSIFT_DATA_DIR=/var/lib/iocsift
USER 65532:65532
WORKDIR /var/lib/iocsift
VOLUME /var/lib/iocsift
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s --retries=3 CMD ["iocsift", "health"]
ENTRYPOINT ["iocsift"]
CMD ["serve"]
