/**
 * nginx in front of a server, in a process and a folder of its own: one worker, and at most one
 * idle connection to the server, so that the requests of all clients share it, one after another.
 */
import { accessSync, constants, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { findFreePort, makeFolder, startProcess } from './process.ts'

export type Nginx = {
  /** Sends on the path as it understood it: decoded, dot segments folded, slashes merged. */
  readonly normalising: number
  /** Sends on the target and the body as they come, odd headers too. */
  readonly passing: number
  stop(): Promise<void>
}

/** Where Debian keeps it, too: that folder is not on the path of every user. */
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']

/** The command; undefined where it is not installed. */
export function findNginx(): string | undefined {
  return folders
    .map((folder) => join(folder, 'nginx'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** Rejects when it ends before it listens. */
export async function startNginx(command: string, serverPort: number): Promise<Nginx> {
  const normalising = await findFreePort()
  const passing = await findFreePort()
  const running = await runNginx(command, passing, configuration(serverPort, normalising, passing))
  return { normalising, passing, stop: running.stop }
}

/**
 * With this inside of its `http`, until it listens at the port. Rejects when it ends
 * before.
 */
export async function runNginx(
  command: string,
  port: number,
  http: string,
): Promise<{ stop(): Promise<void> }> {
  const folder = makeFolder()
  const file = join(folder.path, 'nginx.conf')
  writeFileSync(file, withPlaces(folder.path, http))
  const running = startProcess(command, ['-p', folder.path, '-e', 'stderr', '-c', file], {})
  const stop = async () => {
    await running.stop('SIGKILL')
    folder.remove()
  }
  let ended = false
  void running.ended.then(() => {
    ended = true
  })
  while (!(await takes(port))) {
    if (ended) {
      await stop()
      throw new Error(`nginx ended: ${running.printed.err}`)
    }
    await wait(20)
  }
  return { stop }
}

function takes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(true))
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
  })
}

/** All that it writes is in this folder; it needs no rights. */
function withPlaces(folder: string, http: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const places = kinds.map((kind) => `  ${kind}_temp_path ${join(folder, kind)};`)
  return `daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
events { worker_connections 256; }
http {
${places.join('\n')}
${http}
}
`
}

function configuration(serverPort: number, normalising: number, passing: number): string {
  return `  access_log off;
  client_header_timeout 1s;
  client_body_timeout 1s;
  client_max_body_size 0;
  upstream tenantry {
    server 127.0.0.1:${serverPort};
    keepalive 1;
  }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_next_upstream off;
  server {
    listen 127.0.0.1:${normalising};
    location / { proxy_pass http://tenantry/; }
  }
  server {
    listen 127.0.0.1:${passing};
    merge_slashes off;
    ignore_invalid_headers off;
    underscores_in_headers on;
    proxy_request_buffering off;
    location / { proxy_pass http://tenantry; }
  }`
}
