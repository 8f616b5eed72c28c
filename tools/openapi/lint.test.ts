/** The interface document keeps the rules that others hold such documents to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interfaceDocument } from '../../server/compose.ts'
import { lint } from './lint.ts'

test('there is nothing to say against the interface document', () => {
  const { status, said } = lint(interfaceDocument())
  assert.equal(status, 0, said)
})

test('a document with a parameter that its path lacks, and an example of another type, is', () => {
  const document = JSON.parse(interfaceDocument())
  document.components.parameters.docId.name = 'documentId'
  document.components.parameters.limit.example = 'many'
  const { status, said } = lint(JSON.stringify(document))
  assert.equal(status, 1)
  assert.match(said, /path-parameters-defined/)
  assert.match(said, /no-invalid-parameter-examples|Example/)
})
