/**
 * The page to try the interface: one file without a file from anywhere. Its style and script stand
 * in it, and the policy under which a browser shows it allows these two by their hashes, calls to
 * this server, and nothing else.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FixedFile } from '../contract/operation.ts'

/** Reads the page's parts, which lie beside this file. Throws when one is missing. */
export function makeDocsPage(): FixedFile {
  const style = read('page.css')
  const script = read('page.js')
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // Nothing that was answered can become markup or code.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]
  const html = read('page.html')
    .replace('<style></style>', () => `<style>${style}</style>`)
    .replace('<script type="module"></script>', () => `<script type="module">${script}</script>`)
  return makeFile('text/html; charset=utf-8', html, {
    'Content-Security-Policy': policy.join('; '),
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
  })
}

/** A text that is served as it is; its ETag is of its content and headers. */
export function makeFile(
  mediaType: string,
  text: string,
  headers: FixedFile['headers'] = {},
): FixedFile {
  const hash = createHash('sha256').update(JSON.stringify([text, headers]))
  return { kind: 'file', mediaType, text, headers, etag: `"${hash.digest('hex').slice(0, 16)}"` }
}

function read(name: string): string {
  return readFileSync(new URL(`docs/${name}`, import.meta.url), 'utf8')
}

/** As a Content-Security-Policy names what stands in the page. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
