/**
 * Shows the interface document, and sends what a person fills in. The key is held in the field it
 * was typed into and sent in one header to this server; it is in no address and in no storage.
 * Everything shown is text: nothing that was answered becomes markup.
 */
const byId = (id) => document.getElementById(id)

/** An element with these properties and children. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag)
  Object.assign(element, properties)
  element.append(...children)
  return element
}

/** Paragraphs with `code` and **strong** words, which is all the Markdown that there is. */
function prose(text) {
  return text.split(/\n{2,}/).map((paragraph) => {
    const words = paragraph.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
      if (piece.startsWith('`')) return make('code', { textContent: piece.slice(1, -1) })
      if (piece.startsWith('**')) return make('strong', { textContent: piece.slice(2, -2) })
      return piece
    })
    return make('p', {}, ...words)
  })
}

const indented = (value) => JSON.stringify(value, undefined, 2)
const ours = () => make('span', { className: 'ours', textContent: 'extension' })

/** What a `$ref` stands for. */
function resolve(part, whole) {
  if (part?.$ref === undefined) return part
  const names = part.$ref.split('/').slice(1)
  return resolve(
    names.reduce((inside, name) => inside?.[name], whole),
    whole,
  )
}

/** A type in a few words. */
function typeOf(schema) {
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(' or ')
  const type = [schema.type ?? 'any'].flat().join(' or ')
  return schema.format ? `${type} (${schema.format})` : type
}

/** The members of a schema, and theirs, as a list. */
function membersOf(part, whole) {
  const schema = resolve(part, whole)
  if (schema.type === 'array') {
    return make('ul', {}, make('li', {}, 'each: ', ...describeSchema(schema.items, whole)))
  }
  const items = Object.entries(schema.properties ?? {}).map(([name, member]) => {
    const must = schema.required?.includes(name) ? ', always there' : ''
    const code = make('code', { textContent: name })
    return make('li', {}, code, ': ', ...describeSchema(member, whole, must))
  })
  return make('ul', {}, ...items)
}

function describeSchema(part, whole, more = '') {
  const schema = resolve(part, whole)
  const quiet = make('span', { className: 'quiet', textContent: `${typeOf(schema)}${more}` })
  const about = schema.description ? [' ', ...(prose(schema.description)[0]?.childNodes ?? [])] : []
  const isNested = schema.properties !== undefined || schema.type === 'array'
  return [quiet, ...about, ...(isNested ? [membersOf(schema, whole)] : [])]
}

/** A label, a field and what it is for. */
function field(name, about, input, isOurs) {
  const label = make('label', { htmlFor: input.id }, make('code', { textContent: name }))
  if (isOurs) label.append(' ', ours())
  const note = make('span', { className: 'quiet' }, ...(prose(about)[0]?.childNodes ?? []))
  return make('div', { className: 'field' }, label, input, note)
}

/** The fields of the parameters, and what was filled in by place. */
function parameterFields(operation, parameters) {
  const inputs = parameters.map((parameter) => {
    const { name, required, example } = parameter
    const input = make('input', {
      id: `${operation.operationId}-${name}`,
      autocomplete: 'off',
      spellcheck: false,
      required,
      value: required && name !== 'tenantId' ? (example ?? '') : '',
      placeholder: required ? '' : `${example ?? ''}`,
    })
    return { parameter, input }
  })
  const shown = inputs.filter(({ parameter }) => parameter.name !== 'tenantId')
  const rows = shown.map(({ parameter, input }) =>
    field(parameter.name, parameter.description, input, parameter['x-extension']),
  )
  const filled = (place) =>
    inputs
      .filter(({ parameter }) => parameter.in === place)
      .map(({ parameter: { name }, input }) => [
        name,
        name === 'tenantId' ? byId('tenant').value : input.value,
      ])
      .filter(([, value]) => value !== '')
  return { rows, filled }
}

/** The field of the body, with its types and examples; undefined where none is taken. */
function bodyField(operation, whole) {
  if (operation.requestBody === undefined) return undefined
  const { content, required } = operation.requestBody
  const choices = Object.entries(content).flatMap(([mediaType, { examples = {} }]) => [
    ...Object.values(examples).map(({ summary, value }) => ({ mediaType, summary, value })),
    ...(required ? [] : [{ mediaType, summary: 'none', value: undefined }]),
  ])
  const texts = choices.map(({ mediaType, summary }) => `${mediaType}: ${summary}`)
  const options = texts.map((textContent, value) => make('option', { textContent, value }))
  const select = make('select', { ariaLabel: 'type and example of the body' }, ...options)
  const area = make('textarea', { ariaLabel: 'body', spellcheck: false })
  const chosen = () => choices[Number(select.value)]
  const fill = () => {
    const { value } = chosen()
    area.value = value === undefined ? '' : indented(value)
  }
  select.addEventListener('change', fill)
  fill()
  const schemas = Object.values(content).map(({ schema }) =>
    make('div', {}, ...describeSchema(schema, whole)),
  )
  return {
    elements: [make('h3', { textContent: 'Body' }), select, area, ...schemas],
    sent: () => (area.value === '' ? undefined : [chosen().mediaType, area.value]),
  }
}

/** The request as it will be sent, without the key. */
function requestOf(method, path, { filled }, body, base) {
  const named = new Map(filled('path'))
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    const value = named.get(name)
    if (value === undefined) throw new Error(`Fill in ${name}.`)
    return encodeURIComponent(value)
  })
  const url = new URL(target, base)
  for (const [name, value] of filled('query')) url.searchParams.set(name, value)
  const headers = Object.fromEntries(filled('header'))
  const sent = body?.sent()
  if (sent !== undefined) headers['Content-Type'] = sent[0]
  return { method: method.toUpperCase(), url, headers, body: sent?.[1] }
}

/** The same for a terminal; the key comes from the environment there. */
function curlOf({ method, url, headers, body }, needsKey) {
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`
  const lines = [`curl -sS -X ${method} ${quoted(url.href)}`]
  if (needsKey) lines.push('-H "Authorization: Bearer $CRESCENDO_API_KEY"')
  for (const [name, value] of Object.entries(headers))
    lines.push(`-H ${quoted(`${name}: ${value}`)}`)
  if (body !== undefined) lines.push(`-d ${quoted(body)}`)
  return lines.join(' \\\n  ')
}

/** Sends it, with the key if the operation takes one. */
function send({ method, url, headers, body }, needsKey) {
  const key = byId('key').value
  const authorization = needsKey && key !== '' ? { Authorization: `Bearer ${key}` } : {}
  return fetch(url, {
    method,
    headers: { ...headers, ...authorization },
    body,
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  })
}

async function showAnswer(place, request, needsKey) {
  const started = performance.now()
  const answer = await send(request, needsKey)
  const text = await answer.text()
  const took = Math.round(performance.now() - started)
  const status = `${answer.status} ${answer.statusText}`.trim()
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
  const isJson = answer.headers.get('content-type') === 'application/json' && text !== ''
  place.replaceChildren(
    make('p', { className: 'status' }, make('strong', { textContent: status }), `, ${took} ms`),
    make('pre', { className: 'headers', textContent: headers }),
    ...(text === ''
      ? []
      : [
          make('pre', {
            className: 'body',
            textContent: isJson ? indented(JSON.parse(text)) : text,
          }),
        ]),
    make('h3', { textContent: 'The same in a terminal' }),
    make('pre', { className: 'curl', textContent: curlOf(request, needsKey) }),
  )
}

/** What may be answered, status by status. */
function answersOf(operation, whole) {
  const items = Object.entries(operation.responses).map(([status, part]) => {
    const response = resolve(part, whole)
    const summary = make('summary', {}, make('code', { textContent: status }), ' ')
    summary.append(...(prose(response.description)[0]?.childNodes ?? []))
    if (response['x-extension']) summary.append(' ', ours())
    const headers = Object.entries(response.headers ?? {}).map(([name, header]) => {
      const { description } = resolve(header, whole)
      const code = make('code', { textContent: name })
      return make('li', {}, code, ': ', ...(prose(description)[0]?.childNodes ?? []))
    })
    const bodies = Object.values(response.content ?? {}).flatMap(({ schema, examples = {} }) => [
      make('div', {}, ...describeSchema(schema, whole)),
      ...Object.values(examples).map(({ value }) => make('pre', { textContent: indented(value) })),
    ])
    return make('details', { className: 'answer' }, summary, make('ul', {}, ...headers), ...bodies)
  })
  return [make('h3', { textContent: 'Answers' }), ...items]
}

/** One operation, closed; what is inside is made when it is first opened. */
function operationElement(path, method, operation, whole, base) {
  const title = make(
    'summary',
    {},
    make('span', { className: 'method', textContent: method.toUpperCase() }),
    make('code', { className: 'path', textContent: path }),
    ` ${operation.summary} `,
  )
  if (operation['x-extension']) title.append(ours())
  const element = make('details', { className: 'operation', id: operation.operationId }, title)
  const open = () => element.append(insideOf(path, method, operation, whole, base))
  element.addEventListener('toggle', open, { once: true })
  return element
}

function insideOf(path, method, operation, whole, base) {
  const parameters = (operation.parameters ?? []).map((part) => resolve(part, whole))
  const fields = parameterFields(operation, parameters)
  const body = bodyField(operation, whole)
  const needsKey = (operation.security ?? whole.security).length > 0
  const place = make('div', { ariaLive: 'polite', className: 'result' })
  const button = make('button', { textContent: `Send ${method.toUpperCase()}` })
  const form = make('form', { noValidate: true }, button)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    button.disabled = true
    Promise.resolve()
      .then(() => requestOf(method, path, fields, body, base))
      .then((request) => showAnswer(place, request, needsKey))
      .catch(({ message }) => place.replaceChildren(make('p', { textContent: message })))
      .finally(() => {
        button.disabled = false
      })
  })
  const rows = fields.rows.length > 0 ? [make('h3', { textContent: 'Parameters' })] : []
  return make(
    'div',
    {},
    ...prose(operation.description),
    ...rows,
    ...fields.rows,
    ...(body?.elements ?? []),
    form,
    place,
    ...answersOf(operation, whole),
  )
}

/** What the key is and may do; its tenant is filled in. */
async function useKey(base) {
  const place = byId('whoami')
  try {
    const request = { method: 'GET', url: new URL('/api/v1/whoami', base), headers: {} }
    const answer = await send(request, true)
    const told = await answer.json()
    if (!answer.ok) throw new Error(told.message)
    byId('tenant').value = told.tenant
    place.value = `${told.label || told.id} may do: ${told.scopes.join(', ')}`
  } catch ({ message }) {
    place.value = message
  }
}

function filter(text) {
  const words = text.toLowerCase().split(/\s+/)
  for (const element of document.querySelectorAll('details.operation')) {
    const shown = element.firstChild.textContent.toLowerCase()
    element.hidden = !words.every((word) => shown.includes(word))
  }
}

async function start() {
  const answer = await fetch('openapi.json', { credentials: 'omit' })
  const whole = await answer.json()
  const base = new URL(whole.servers[0].url, location.href)
  byId('about').replaceChildren(`${whole.info.summary} Version ${whole.info.version}; see `)
  byId('about').append(make('a', { href: 'openapi.json', textContent: 'openapi.json' }), '.')
  const all = Object.entries(whole.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  )
  for (const { name, description } of whole.tags) {
    const mine = all.filter(({ operation }) => operation.tags.includes(name))
    byId('operations').append(
      make('h2', { textContent: name }),
      make('p', { className: 'quiet', textContent: description }),
      ...mine.map(({ path, method, operation }) =>
        operationElement(path, method, operation, whole, base),
      ),
    )
  }
  // An address may name an operation: docs#getProvisioningDocument.
  const linked = byId(location.hash.slice(1))
  if (linked?.matches('details.operation')) {
    linked.open = true
    linked.scrollIntoView()
  }
  byId('access').addEventListener('submit', (event) => {
    event.preventDefault()
    useKey(base)
  })
  byId('filter').addEventListener('input', ({ target }) => filter(target.value))
}

start().catch(({ message }) => {
  byId('about').textContent = `The interface document could not be read: ${message}`
})
