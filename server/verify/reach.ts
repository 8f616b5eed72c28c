/**
 * What must be so before any check is worth asking: something answers, it is this API, and the key
 * may write. Else one sentence says what is not so, and how to mend it.
 */
import { NotAsked, Unmet } from './check.ts'
import { answerTooLarge } from './client.ts'
import type { Answered } from './exchange.ts'
import { headerOf } from './exchange.ts'
import { isObject } from './expect.ts'
import { printable } from './masks.ts'
import type { Probe } from './probe.ts'
import type { Site } from './site.ts'
import { masksOf } from './site.ts'

/** Nothing was asked of the server; `isRefused` where it answered, but will not have this. */
export class CannotVerify extends Error {
  readonly isRefused: boolean

  constructor(isRefused: boolean, message: string) {
    super(message)
    this.isRefused = isRefused
  }
}

/** Reads, then writes a document of the run's own. Rejects with `CannotVerify`. */
export async function reach(probe: Probe): Promise<void> {
  const { site } = probe
  const read = await first(probe, 'GET {own}')
  refuseRedirect(read, site)
  if (read.status === 401) {
    const mend = 'Give a key that lives: --key-file FILE, or CRESCENDO_API_KEY.'
    throw refused(site, `does not take the key (${said(read, site)}). ${mend}`)
  }
  if (read.status === 403) {
    throw refused(
      site,
      `does not let the key read provisioning of the tenant ${site.tenant} ` +
        `(${said(read, site)}). Compare --tenant with the tenant of the key, ` +
        'and its scopes: provisioning:* is enough.',
    )
  }
  refuseStranger(read, site, 'GET of a collection')
  const written = await first(probe, 'POST {doc}', { verify: 'this document may be removed' })
  if (written.status === 403) {
    throw refused(
      site,
      `lets the key read but not write (${said(written, site)}). Verification writes to a ` +
        'collection of its own and removes it: give a key with provisioning:*.',
    )
  }
  refuseStranger(written, site, 'POST of a document')
  if (written.status >= 300) {
    throw refused(site, `does not take the POST of a small document: ${said(written, site)}.`)
  }
}

async function first(probe: Probe, line: string, body?: object): Promise<Answered> {
  const { site } = probe
  try {
    return await probe.ask(line, { body })
  } catch (error) {
    if (error instanceof NotAsked) {
      throw new CannotVerify(false, `${site.base}: ${error.message}. Try again later.`)
    }
    if (!(error instanceof Unmet)) throw error
    const reason = error.mismatch.came.replace(/^no answer: /, '')
    const said = printable(reason, masksOf(site))
    if (reason === answerTooLarge) {
      throw refused(site, `does not answer as a server of this API: ${reason}. ${mendBase}`)
    }
    throw new CannotVerify(false, `${site.base} cannot be reached: ${said}. ${hintFor(reason)}`)
  }
}

function hintFor(reason: string): string {
  if (/certificate|self.signed|issuer/i.test(reason)) {
    return 'Where its certificate is of an authority of your own, name that in NODE_EXTRA_CA_CERTS.'
  }
  if (/within/.test(reason)) return 'Something takes the connection there and does not answer.'
  if (/parse|wrong version|EPROTO|packet/i.test(reason)) {
    return 'Compare http and https in --base: what answers there does not speak it.'
  }
  return 'Compare --base with the address that the server prints, and see that it runs.'
}

function refuseRedirect(answered: Answered, site: Site): void {
  if (answered.status < 300 || answered.status >= 400) return
  const to = headerOf(answered, 'Location') ?? 'elsewhere'
  throw refused(
    site,
    `sends everybody to ${printable(to, masksOf(site))}. Give that address as --base.`,
  )
}

/** Whatever does not speak JSON, or is broken for everybody, is no server of this API. */
function refuseStranger(answered: Answered, site: Site, what: string): void {
  const { status, json } = answered
  const speaks = Array.isArray(json) || isObject(json)
  if (speaks && status < 500 && status !== 404 && status !== 405) return
  // Unknown collections are a check of their own: a 404 of this API may pass, for a read.
  if (speaks && status === 404 && answered.sent.method === 'GET') return
  throw refused(
    site,
    `does not answer as a server of this API: ${what} is ${said(answered, site)}. ${mendBase}`,
  )
}

const mendBase = 'Compare --base with what stands before /api/v1 in the addresses of the API.'

function refused(site: Site, sentence: string): CannotVerify {
  return new CannotVerify(true, `${site.base} ${sentence}`)
}

/** What it says, for people: keys hidden, then cut. */
function said(answered: Answered, site: Site): string {
  const type = headerOf(answered, 'Content-Type') ?? 'without a type'
  const message = isObject(answered.json) ? answered.json.message : undefined
  const say = (text: string) => printable(text, masksOf(site), 200)
  const more = typeof message === 'string' ? `"${say(message)}"` : say(type)
  return `${answered.status}, ${more}`
}
