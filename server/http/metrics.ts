/**
 * `GET /metrics` on a port of its own. No key is asked for, which is why the port is closed unless
 * the operator opens it, and why nothing else is served there.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { Refusal } from '../contract/errors.ts'
import type { Tell } from '../observe/events.ts'
import type { Metrics } from '../observe/metrics.ts'
import { failureOf } from './errors.ts'
import { addressOf, bind } from './listening.ts'

/** Whoever scrapes is near and quick. */
const requestTimeMaxMs = 5000

/** Rejects with the system's error when the address cannot be had. */
export async function listenForMetrics(
  at: { readonly host: string; readonly port: number },
  metrics: Metrics,
  tell: Tell,
): Promise<{ readonly address: string; close(): void }> {
  const server = createServer(
    { requestTimeout: requestTimeMaxMs, headersTimeout: requestTimeMaxMs },
    (request, response) => void answer(request, response, metrics, tell),
  )
  await bind(server, at)
  return {
    address: `${addressOf(server)}/metrics`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
  tell: Tell,
): Promise<void> {
  try {
    if (url !== '/metrics' || (method !== 'GET' && method !== 'HEAD')) {
      throw new Refusal('NotFound', 'There is nothing here but GET /metrics.')
    }
    const text = await metrics.render()
    response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text)
  } catch (error) {
    const refusal = error instanceof Refusal ? error : undefined
    const { status, body } = failureOf(refusal)
    if (refusal === undefined) tell({ event: 'background-faulted', task: 'metrics', fault: error })
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body)
  }
}
