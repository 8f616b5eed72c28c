/** A client that comes again where it is told to, some times: more would be to push. */
import type { Client } from './client.ts'
import type { Answered, Sent } from './exchange.ts'
import { headerOf } from './exchange.ts'

const triesMax = 6

/** Who is told to come again much later is not meant for a run of seconds. */
const retryAfterMaxSeconds = 10

/** The last answer, which may still be 429 or 503. Rejects with `NoAnswer`. */
export async function sendPatiently(
  client: Client,
  sent: Sent,
  wait: (delayMs: number) => Promise<void>,
): Promise<Answered> {
  for (let tries = 1; ; tries++) {
    const answered = await client.send(sent)
    const seconds = retryAfterOf(answered)
    if (seconds === undefined || tries === triesMax) return answered
    await wait(seconds * 1000)
  }
}

/** Undefined unless the client is told to come again, soon. */
export function retryAfterOf(answered: Answered): number | undefined {
  if (answered.status !== 429 && answered.status !== 503) return undefined
  const seconds = Number(headerOf(answered, 'Retry-After') ?? 'none')
  return seconds >= 0 && seconds <= retryAfterMaxSeconds ? Math.max(seconds, 0.1) : undefined
}
