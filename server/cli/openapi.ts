/** `tenantry openapi`: prints the interface document, without a store and without a server. */
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { interfaceDocument } from '../compose.ts'
import { printResult } from './output.ts'

/** Adds the command. The document is for machines and people alike, so that it is JSON always. */
export function addOpenapi(program: Command): void {
  program
    .command('openapi')
    .description('print the interface document, OpenAPI 3.1 as JSON')
    .option('--json', 'print it in one line')
    .option('--server <url>', 'put this server into it; default the one it is read from', parseUrl)
    .action(({ json, server }: { json?: boolean; server?: string }) => {
      const document: unknown = JSON.parse(interfaceDocument(server))
      printResult(json, document, JSON.stringify(document, undefined, 2))
    })
}

function parseUrl(text: string): string {
  const { protocol, search = '', hash = '' } = URL.parse(text) ?? {}
  if ((protocol === 'http:' || protocol === 'https:') && search === '' && hash === '') return text
  throw new InvalidArgumentError('It is an address as https://tenantry.example.com')
}
