/**
 * Answers read from bytes, strictly: what is no proper answer is a fault, said in a sentence. One
 * that broke off is told from one that is whole.
 */

export type WireAnswer = {
  readonly status: number
  /** Status line and headers as they came, a character a byte. */
  readonly head: string
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: Buffer
}

/** Answers out of chunks. */
export class AnswerReader {
  readonly answers: WireAnswer[] = []
  private readonly methods: readonly string[]
  private held: Buffer = Buffer.alloc(0)

  /** By the method of each request it is known whether its answer has a body. */
  constructor(methods: readonly string[]) {
    this.methods = methods
  }

  /** What is wrong with what came; undefined when nothing is. */
  take(chunk: Uint8Array): string | undefined {
    this.held = this.held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.held, chunk])
    try {
      for (;;) {
        const next = readNext(this.held, this.methods[this.answers.length] ?? '')
        if (next?.body === undefined) return undefined
        const { status, head, headers, body, end } = next
        this.held = this.held.subarray(end)
        if (status >= 200) this.answers.push({ status, head, headers, body })
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** What is wrong with it when nothing more comes. */
  finish(): string | undefined {
    if (this.held.length === 0) return undefined
    return `it ended in the middle of an answer: ${excerpt(this.held)}`
  }
}

/** As it came; the body is undefined when it broke off. */
export type ReceivedAnswer = Omit<WireAnswer, 'body'> & { readonly body: string | undefined }

/**
 * All answers in this text, a character a byte, but for those that only say to go on: to requests
 * whose answers have bodies. It ends where no answer begins.
 */
export function answersIn(text: string): ReceivedAnswer[] {
  const answers: ReceivedAnswer[] = []
  let rest: Buffer = Buffer.from(text, 'latin1')
  try {
    for (;;) {
      const next = readNext(rest, 'GET')
      if (next === undefined) return answers
      const { status, head, headers, body, end } = next
      if (status >= 200) answers.push({ status, head, headers, body: body?.toString('latin1') })
      if (body === undefined) return answers
      rest = rest.subarray(end)
    }
  } catch {
    return answers
  }
}

type Read = Omit<WireAnswer, 'body'> & {
  /** Undefined while not all of it is there. */
  readonly body: Buffer | undefined
  /** Where the next begins; where it stands as long as there is no body. */
  readonly end: number
}

/** The answer that these bytes begin with; undefined before its head is there. Throws for none. */
function readNext(bytes: Buffer, method: string): Read | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const [line = '', ...lines] = head.split('\r\n')
  const [, digits] = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/.exec(line) ?? []
  if (digits === undefined) throw new Error(`this is no status line: ${excerpt(bytes)}`)
  const status = Number(digits)
  const headers = new Map<string, string[]>()
  for (const each of lines) {
    const [, name, value = ''] =
      /^([!#$%&'*+.^_`|~\w-]+): ?([\x20-\x7e\x80-\xff\t]*)$/.exec(each) ?? []
    if (name === undefined) throw new Error(`this is no header: ${JSON.stringify(each)}`)
    const values = headers.get(name.toLowerCase())
    if (values === undefined) headers.set(name.toLowerCase(), [value])
    else values.push(value)
  }
  const start = headEnd + 4
  const bodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304
  const found = bodiless ? { body: Buffer.alloc(0), end: start } : bodyOf(bytes, headers, start)
  return { status, head, headers, body: found?.body, end: found?.end ?? start }
}

function bodyOf(
  bytes: Buffer,
  headers: ReadonlyMap<string, readonly string[]>,
  start: number,
): { readonly body: Buffer; readonly end: number } | undefined {
  if (headers.has('transfer-encoding')) return chunksOf(bytes, start)
  const length = headers.get('content-length')?.join()
  if (length === undefined || !/^\d+$/.test(length)) {
    throw new Error('an answer does not say how long it is')
  }
  const end = start + Number(length)
  return end > bytes.length ? undefined : { body: bytes.subarray(start, end), end }
}

function chunksOf(
  bytes: Buffer,
  start: number,
): { readonly body: Buffer; readonly end: number } | undefined {
  const pieces: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (!(size >= 0)) throw new Error('a chunk does not say how long it is')
    const end = lineEnd + 2 + size + 2
    if (end > bytes.length) return undefined
    if (size === 0) return { body: Buffer.concat(pieces), end }
    pieces.push(bytes.subarray(lineEnd + 2, end - 2))
    at = end
  }
}

function excerpt(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 200))
}
