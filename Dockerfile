# The console as an image: one binary, the browser's files, no shell scripts of ours, not root.
#   docker build -t neo4j-admin-console .

# ---- build: the tools first, so that they are compiled once ----
FROM rust:1.95-bookworm AS build
ENV NEO4J_CONSOLE_CACHE=/opt/console-tools
WORKDIR /src
COPY scripts/lib.sh scripts/toolchain.sh scripts/
RUN scripts/toolchain.sh release
COPY . .
RUN . "$NEO4J_CONSOLE_CACHE/env" && export CARGO_TARGET_DIR=/src/target \
 && mkdir -p /out \
 && scripts/site.sh release /out/site \
 && cargo build -p server --release \
 && mv target/release/neo4j-admin-console /out/

# ---- what runs ----
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates wget \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 console && useradd --uid 10001 --gid console --no-create-home --home-dir /data console \
 && mkdir -p /data /backups && chown console:console /data /backups
COPY --from=build /out /app
# Few arenas: the memory of a burst goes back to the system (docs/benchmarks.md).
ENV LEPTOS_SITE_ROOT=/app/site MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 \
    CONSOLE_LISTEN=0.0.0.0:3000 CONSOLE_DATA=/data CONSOLE_BACKUPS=/backups
USER console:console
WORKDIR /data
VOLUME /data /backups
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["wget", "-q", "-T", "4", "-O", "/dev/null", "http://127.0.0.1:3000/healthz"]
ENTRYPOINT ["/app/neo4j-admin-console"]
CMD ["serve"]
