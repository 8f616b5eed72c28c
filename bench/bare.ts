/**
 * The limit that the server is compared with: `node:http` and nothing else, in a process of its
 * own. It reads what the server reads and answers with the very bytes and headers that the server
 * gave, which it is told before each measurement.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type BareAnswer = {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

let status = 200
let headers: BareAnswer['headers'] = {}
let body = Buffer.alloc(0)

process.on('message', (answer: BareAnswer) => {
  ;({ status, headers } = answer)
  body = Buffer.from(answer.body)
  process.send?.('ready')
})

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(status, headers).end(body)
    return
  }
  const chunks: Uint8Array[] = []
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  request.on('end', () => {
    Buffer.concat(chunks)
    response.writeHead(status, headers).end(body)
  })
})
server.listen(0, '127.0.0.1', () => {
  console.log(
    JSON.stringify({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  )
})
