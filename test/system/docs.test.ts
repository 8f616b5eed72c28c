/**
 * The page to try the interface, in a real browser against the real process. It needs Chromium;
 * without it all of it is skipped, but for CI, which installs it.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { operations } from '../../server/operations.ts'
import type { Browser } from '../support/browser.ts'
import { findChromium, startBrowser } from '../support/browser.ts'
import type { DemoServer } from '../support/demo-server.ts'
import { demoTenant, startDemoServer } from '../support/demo-server.ts'
import { makeFolder } from '../support/process.ts'

const chromium = findChromium()
const missing = 'Chromium is not installed: apt-get install --no-install-recommends chromium'
const skip = chromium === undefined && process.env.CI === undefined ? missing : false

describe('the page to try the interface', { skip }, () => {
  const folder = makeFolder()
  let server: DemoServer
  let browser: Browser
  let origin: string
  let key: string

  before(async () => {
    assert.ok(chromium !== undefined, missing)
    server = await startDemoServer(folder.path)
    origin = `http://127.0.0.1:${server.port}`
    key = server.headers.Authorization?.replace('Bearer ', '') ?? ''
    browser = await startBrowser(chromium)
    await browser.open(`${origin}/docs`)
    await browser.waitFor(`document.querySelectorAll('details.operation').length > 0`)
  })
  after(async () => {
    await browser?.close()
    await server?.running.stop()
    folder.remove()
  })

  /** As a person does: opens the operation, changes fields, sends, and reads the answer. */
  const tryOut = async (operation: string, fields: { readonly [label: string]: string } = {}) => {
    const within = `document.getElementById(${JSON.stringify(operation)})`
    await browser.evaluate(`${within}.querySelector('.result')?.replaceChildren()`)
    await browser.evaluate(`${within}.open = true`)
    await browser.waitFor(`${within}.querySelector('button')`)
    for (const [name, value] of Object.entries(fields)) {
      const field = `${within}.querySelector(${JSON.stringify(name)})`
      await browser.evaluate(`${field}.value = ${JSON.stringify(value)}; 0`)
    }
    await browser.evaluate(`${within}.querySelector('button').click()`)
    const text = (part: string) => `${within}.querySelector('.result ${part}')?.textContent`
    const status = await browser.waitFor(text('.status'))
    return {
      status: Number(status.split(' ')[0]),
      headers: await browser.evaluate(text('.headers')),
      body: await browser.evaluate(text('.body')),
      curl: await browser.evaluate(text('.curl')),
    }
  }

  test('shows every operation', async () => {
    const shown = await browser.evaluate(
      `[...document.querySelectorAll('details.operation')].map(({ id }) => id)`,
    )
    const names = operations.map(({ name }) => name)
    assert.deepEqual(shown.toSorted(), names.toSorted())
  })

  test('asks the server what a key is, and fills in its tenant', async () => {
    await browser.evaluate(`document.getElementById('key').value = ${JSON.stringify(key)}; 0`)
    await browser.evaluate(`document.querySelector('#access button').click()`)
    await browser.waitFor(`document.getElementById('whoami').value.includes('may do')`)
    assert.equal(await browser.evaluate(`document.getElementById('tenant').value`), demoTenant)
  })

  test('reads a document with the key: 200', async () => {
    const { status, body, headers, curl } = await tryOut('getProvisioningDocument')
    assert.equal(status, 200)
    assert.equal(JSON.parse(body).name, 'Front desk')
    assert.match(headers, /^etag: "/m)
    assert.match(curl, /\$CRESCENDO_API_KEY/)
    assert.ok(!curl.includes(key))
  })

  test('writes what stands in the field, under a name that has to be escaped', async () => {
    const name = 'bot one:two?#%é'
    const written = await tryOut('postProvisioningDocument', {
      '[id$=-docId]': name,
      textarea: '{"name": "Night desk"}',
    })
    assert.equal(written.status, 201)
    const { status, body } = await tryOut('getProvisioningDocument', { '[id$=-docId]': name })
    assert.equal(status, 200)
    assert.equal(JSON.parse(body).name, 'Night desk')
  })

  test('shows what was refused', async () => {
    const { status, body } = await tryOut('putProvisioningDocument', { textarea: '{' })
    assert.equal(status, 400)
    assert.equal(JSON.parse(body).code, 'BadRequest')
  })

  test('shows markup that a document holds as text', async () => {
    const hostile = `<img src=x onerror="document.title='owned'">`
    const fields = { '[id$=-docId]': 'hostile', textarea: JSON.stringify({ hostile }) }
    const { status, body } = await tryOut('postProvisioningDocument', fields)
    assert.equal(status, 201)
    assert.equal(JSON.parse(body).hostile, hostile)
    assert.equal(await browser.evaluate(`document.querySelectorAll('img').length`), 0)
  })

  test('opens every operation without a complaint', async () => {
    for (const { name } of operations) {
      await browser.evaluate(`document.getElementById('${name}').open = true`)
      await browser.waitFor(`document.querySelector('#${name} .answer')`)
    }
    assert.deepEqual(browser.complaints.filter(isFault), [])
  })

  test('finds operations by words', async () => {
    const seen = `[...document.querySelectorAll('details.operation:not([hidden])')]`
    await browser.evaluate(`{
      const field = document.getElementById('filter')
      field.value = 'delete tenant'
      field.dispatchEvent(new Event('input'))
    }`)
    const shown = await browser.evaluate(`${seen}.map(({ id }) => id)`)
    assert.ok(shown.includes('deleteProvisioningTenant'), shown)
    assert.ok(!shown.includes('getProvisioningTenant'), shown)
  })

  test('asked this server only, and had the key in one header and nowhere else', async () => {
    assert.ok(browser.requests.length > 5)
    const isOwn = ({ url }: { url: string }) => url.startsWith(`${origin}/`) || url === 'data:,'
    assert.deepEqual(
      browser.requests.filter((request) => !isOwn(request)),
      [],
    )
    for (const { url, headers } of browser.requests) {
      assert.ok(!url.includes(key))
      const names = Object.keys(headers).filter((name) => headers[name]?.includes(key))
      assert.deepEqual(names, url.includes('/api/v1/') ? ['Authorization'] : [], url)
    }
    const kept = `[location.href, document.cookie, ...Object.values({...localStorage}),
      ...Object.values({...sessionStorage})].join()`
    assert.equal(await browser.evaluate(kept), `${origin}/docs,`)
  })

  test('may not ask another host, nor run what is not its script', async () => {
    const before = browser.complaints.length
    await browser.evaluate(`fetch('http://localhost:${server.port}/health').catch(() => 0)`)
    await browser
      .evaluate(`document.body.append(Object.assign(document.createElement('script'),
      { text: 'document.title = "owned"' }))`)
      .catch(() => {})
    await browser.evaluate(`{ const one = document.createElement('style')
      one.textContent = '* {}'
      document.body.append(one) }`)
    const heard = () => browser.complaints.slice(before).join('\n')
    for (let tries = 0; tries < 50 && !/style-src/.test(heard()); tries++) {
      await browser.evaluate('new Promise((resolve) => setTimeout(resolve, 20))')
    }
    assert.match(heard(), /connect-src/)
    assert.match(heard(), /style-src/)
    assert.notEqual(await browser.evaluate('document.title'), 'owned')
  })
})

/** A refusal that was provoked stands in the console too; all else there is a fault. */
function isFault(complaint: string): boolean {
  return !/status of 400 \(Bad Request\)/.test(complaint)
}
