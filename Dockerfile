# An image of Tenantry, for docker, podman and buildah: `docker build --tag tenantry .` in the clone.
# It holds what `npm pack` makes, under the Node that the tests ran with. docs/operating.md shows how
# to run it; to pin the base to a digest, write it behind the tag in both places.

FROM node:26.10.0-bookworm-slim AS package
WORKDIR /clone
COPY package.json package-lock.json ./
COPY tools/node/package.json tools/node/
# Only what a package brings along; the image has its Node.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm pack --pack-destination / \
 && mkdir /opt/tenantry \
 && tar --extract --file /tenantry-*.tgz --directory /opt/tenantry --strip-components=1 --no-same-owner

FROM node:26.10.0-bookworm-slim
COPY --from=package /opt/tenantry /opt/tenantry
RUN ln --symbolic /opt/tenantry/bin/tenantry.cjs /usr/local/bin/tenantry \
 && install --directory --owner=node --group=node --mode=0700 /data
ENV TENANTRY_HOST=0.0.0.0 TENANTRY_DATA=/data
# By number, so that who forbids root can see that it is none.
USER 1000:1000
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# Where another port is set, that one is asked.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.TENANTRY_PORT ?? 8080}/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Without a shell, so that signals reach the server; `docker run … tenantry key list` runs a command.
ENTRYPOINT ["tenantry"]
CMD ["serve"]
