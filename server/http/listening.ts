/** Binding a server to its address, and saying what that became. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Resolves when it listens; port 0 is any free one. Rejects with the system's error. */
export function bind(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** As `http://host:port`, of a server that listens. */
export function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
