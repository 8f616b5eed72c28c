/** Documents: replace, merge, lists, conditions, patches, deletes, repeated requests. */
import type { Clause } from './clause.ts'

export const documents: readonly Clause[] = [
  {
    section: '5 Documents',
    clause: "the tenant's own document has GET, POST and PUT",
    heldBy: [
      {
        file: 'test/api/tenant-documents.ts',
        title: "a tenant's document is made by POST and says where it is",
      },
      { file: 'test/api/tenant-documents.ts', title: "a PUT merges into the tenant's document" },
      {
        file: 'test/api/tenant-documents.ts',
        title: "a tenant's document is read by a key that reads everything",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it has no versions',
    heldBy: [
      { file: 'test/api/tenant-documents.ts', title: "versions of a tenant's document are data" },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it has no sub-resources',
    heldBy: [
      {
        file: 'test/api/tenant-documents.ts',
        title: "below a tenant's document versions/current is a document of a collection",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'GET of a collection lists it',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a list is a bare array in the order of ids' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a document has GET, POST and PUT',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a document is read by a key of its collection' },
      { file: 'test/api/documents.ts', title: 'a document is made by POST with a Location' },
      {
        file: 'test/api/documents.ts',
        title: 'a PUT keeps the members it does not mention, at every depth',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'its live version has the same, as a document of its own',
    heldBy: [
      { file: 'test/api/live-versions.ts', title: 'the live version is a document of its own' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'POST of what was not there is 201',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a document is made by POST with a Location that is percent-encoded',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'with Location, percent-encoded',
    heldBy: [{ file: 'test/api/documents.ts', title: 'Location: /\\/users\\/a%40b%20c$/' }],
  },
  {
    section: '5 Documents',
    clause: 'POST of what was there is 200',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a second POST leaves nothing of what was there' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'and nothing of the old is left',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a second POST leaves nothing of what was there' },
      { file: 'test/api/live-versions.ts', title: 'a second POST replaces the live version' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the answer of a write is what GET would show',
    heldBy: [
      {
        file: 'test/api/model.test.ts',
        title: 'every sequence of operations is answered as the model says',
      },
      {
        file: 'test/api/settings.test.ts',
        title: "deepEqual((await ask('GET', path)).content, put.content)",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'PUT of what is missing is 404',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a PUT to a missing document makes nothing' },
      {
        file: 'test/api/tenant-documents.ts',
        title: "a PUT to a missing tenant's document makes nothing",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'PUT merges, at every depth',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a PUT keeps the members it does not mention, at every depth',
      },
      {
        file: 'server/documents/merge.test.ts',
        title: 'every leaf of before that the change says nothing on is in the outcome',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'arrays and scalars are replaced whole',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a PUT stores null and replaces arrays whole' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'null is stored',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a PUT stores null and replaces arrays whole' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a dot in a key is part of it',
    heldBy: [{ file: 'test/api/documents.ts', title: 'a key with a dot is a key with a dot' }],
  },
  {
    section: '5 Documents',
    clause: '{} changes no member',
    heldBy: [{ file: 'test/api/documents.ts', title: 'an empty PUT changes no member' }],
  },
  {
    section: '5 Documents',
    clause: 'deep is the default',
    heldBy: [{ file: 'test/api/settings.test.ts', title: 'merges at every depth' }],
  },
  {
    section: '5 Documents',
    clause: 'merge: shallow merges the top level alone',
    heldBy: [
      {
        file: 'test/api/settings.test.ts',
        title: 'merges the top level alone, in the base and in the live version',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a write stamps what it writes with time and writer',
    heldBy: [
      { file: 'test/api/documents.ts', title: "json: stamped({ email: 'c@d' })" },
      { file: 'server/documents/write-record.test.ts', title: 'the record of a write' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it stamps nothing else',
    heldBy: [
      { file: 'test/api/patches.ts', title: 'a patch stamps what it writes with its own time' },
      {
        file: 'test/api/model.test.ts',
        title: 'every sequence of operations is answered as the model says',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the time is never less than before',
    heldBy: [
      {
        file: 'server/documents/write-record.test.ts',
        title: 'the time is never less than before, when the clock went back',
      },
      { file: 'test/api/deletes.ts', title: 'a stamp is never less than before the delete' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the writer is the id of the key',
    heldBy: [{ file: 'test/support/scenarios.ts', title: '`"apikey:…"`' }],
  },
  {
    section: '5 Documents',
    clause: 'two documents written together carry one time',
    heldBy: [
      {
        file: 'server/documents/write-record.test.ts',
        title: 'two documents that are written together carry one time',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'stamps that a client sends at the top are ignored',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'stamps that a client sends are ignored' },
      {
        file: 'server/documents/write-record.test.ts',
        title: 'the names of stamps are ordinary further down',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a list is a bare array of id and data',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a list is a bare array in the order of ids, as GET shows each',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'by id, bytewise',
    heldBy: [
      {
        file: 'server/storage/conformance/document-lists.ts',
        title: 'a list is in bytewise order',
      },
      {
        file: 'test/api/paging.test.ts',
        title: 'are together the whole list, bytewise, for any names and any limit',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it is never cut',
    heldBy: [
      {
        file: 'test/api/paging.test.ts',
        title: 'have no link in a list that nobody asked to be cut',
      },
      {
        file: 'server/storage/conformance/document-lists.ts',
        title: 'pages cover more documents than one holds, each once',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'data is what GET answers',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a list is a bare array in the order of ids, as GET shows each',
      },
      {
        file: 'server/storage/conformance/document-lists.ts',
        title: 'a list shows what a read shows',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'an unknown collection is []',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a collection that nobody wrote to is an empty list',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it is read in short transactions',
    heldBy: [
      {
        file: 'server/storage/sqlite/store.test.ts',
        title: 'no read keeps a transaction open, not even a list that was left early',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'what exists throughout is in it once',
    heldBy: [
      {
        file: 'server/storage/conformance/document-lists.ts',
        title: 'what exists throughout a list is in it once, whatever is written',
      },
      {
        file: 'server/storage/conformance/document-deletes.ts',
        title: 'what exists throughout a list is in it once, whatever is deleted',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'memory does not grow with it',
    heldBy: [
      {
        file: 'test/api/streams.test.ts',
        title: 'is never held whole: what was sent is forgotten',
      },
      {
        file: 'test/api/streams.test.ts',
        title: 'is asked of the store no faster than the client reads',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a fault after the first byte breaks the connection',
    heldBy: [
      { file: 'test/api/faults.ts', title: 'a list that fails on its way breaks the connection' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'limit is 1 to 5000',
    heldBy: [
      { file: 'test/api/cursors.test.ts', title: 'the greatest limit is 5000, the least 1' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'limit and cursor page a list',
    heldBy: [
      {
        file: 'test/api/paging.test.ts',
        title: 'are together the whole list, bytewise, for any names and any limit',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a page that is not the last links the next',
    heldBy: [{ file: 'test/api/paging.test.ts', title: 'are linked exactly, and the last is not' }],
  },
  {
    section: '5 Documents',
    clause: 'a cursor is signed',
    heldBy: [
      { file: 'server/contract/cursor.test.ts', title: 'every change of one character is noticed' },
      {
        file: 'test/api/cursors.test.ts',
        title: 'a cursor that is not whole, or of something else, is refused',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'and bound to tenant and collection',
    heldBy: [
      {
        file: 'server/documents/list.test.ts',
        title: 'in another collection, and of another tenant',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a document answer has a strong ETag of revision and content',
    heldBy: [
      { file: 'test/api/conditions.ts', title: 'the ETag is made of the revision and the content' },
      {
        file: 'server/documents/resource.test.ts',
        title: 'is strong: the revision and eight hex digits in quotes',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'If-Match works on every write',
    heldBy: [
      { file: 'test/api/conditions.ts', title: 'a write that expects what is there happens' },
      { file: 'test/api/patches.ts', title: 'a … that expects what is there happens' },
      { file: 'test/api/deletes.ts', title: 'a DELETE that expects what is there happens' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'If-Match works on reads',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'a reader that wants another gets 412' }],
  },
  {
    section: '5 Documents',
    clause: 'If-None-Match: * creates only',
    heldBy: [
      { file: 'test/api/conditions.ts', title: 'a create-only write of a new document happens' },
      {
        file: 'test/api/conditions.ts',
        title: 'a create-only write of a document that is there does not happen',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'conditional GET is 304',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'a reader that has it already gets 304' }],
  },
  {
    section: '5 Documents',
    clause: 'a failed condition is 412',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a write that expects what is no longer there does not happen',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'and changes nothing',
    heldBy: [
      {
        file: 'test/api/patches.ts',
        title: 'a … that expects what is no longer there does not happen',
      },
      {
        file: 'server/storage/conformance/document-writes.ts',
        title: 'a refused write leaves no trace: …',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'nobody must send them',
    heldBy: [
      { file: 'server/contract/conditions.test.ts', title: 'no condition holds for a document' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a missing document is 404 to GET whatever the condition',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a missing document is 404 to GET whatever the condition',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'to PUT as well',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a missing document is 404 to PUT whatever the condition',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'to PATCH as well',
    heldBy: [
      { file: 'test/api/patches.ts', title: 'of a missing document is 404 whatever the condition' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'to DELETE as well',
    heldBy: [
      {
        file: 'test/api/deletes.ts',
        title: 'a missing document is 404 to DELETE whatever the condition',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'POST with If-Match on what is missing is 412',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a POST that expects a missing document does not happen',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'W/ in If-Match is ignored',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'a weak mark in If-Match is ignored' }],
  },
  {
    section: '5 Documents',
    clause: 'a condition that does not parse is 400',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'a condition that is none is refused' }],
  },
  {
    section: '5 Documents',
    clause: 'dates are ignored',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'dates are no conditions' }],
  },
  {
    section: '5 Documents',
    clause: 'on the live version they ask about the live version',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'on the live version a condition asks about the live version',
      },
      {
        file: 'test/api/deletes.ts',
        title: 'on the live version a condition of DELETE asks about the live version',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'lists carry no ETag',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: "headers: { 'Cache-Control': 'no-store', ETag: undefined },",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'what has an ETag is private, no-cache, and varies by key',
    heldBy: [
      {
        file: 'test/api/tenant-documents.ts',
        title: "'Cache-Control': 'private, no-cache', Vary: 'Authorization'",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'all else under a key is no-store',
    heldBy: [
      {
        file: 'test/support/scenarios.ts',
        title: "assert.equal(headers['cache-control'], 'no-store')",
      },
      {
        file: 'test/api/keys.ts',
        title: 'shows each with all that is known of it, and nothing more',
      },
      {
        file: 'test/api/every-operation.ts',
        title: "headers: { Allow: allowed, 'Cache-Control': 'no-store' },",
      },
      { file: 'test/api/deletes.ts', title: "'Cache-Control': 'no-store'," },
    ],
  },
  {
    section: '5 Documents',
    clause: 'so is all with a key in the query',
    heldBy: [
      {
        file: 'test/api/targets.ts',
        title: 'the query may carry the key, and the answer is not to be stored',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'no content coding is applied',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a client that takes packed answers gets a plain one',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'condition, merge, stamps, version and record are one transaction',
    heldBy: [
      {
        file: 'server/storage/conformance/document-writes.ts',
        title: 'base, live version, revision and record move together',
      },
      {
        file: 'test/gates/kill9.ts',
        title: '0 lost, 0 invented, history without gaps, no half of a write',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'two PUTs at once both take effect',
    heldBy: [
      { file: 'test/gates/merge.ts', title: 'of … kept, revision' },
      {
        file: 'server/storage/conformance/document-writes.ts',
        title: 'of many merges at once into one document none is lost',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'PATCH works on every document path',
    heldBy: [
      { file: 'test/api/patches.ts', title: "a merge patch changes the tenant's document" },
      {
        file: 'test/api/patches.ts',
        title: 'a merge patch changes the live version and leaves the base alone',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a merge patch does what RFC 7396 says',
    heldBy: [
      {
        file: 'server/documents/patch-standards.test.ts',
        title: 'any merge patch of any document comes to what the standard says',
      },
      {
        file: 'test/api/patches.ts',
        title: 'a merge patch sets, replaces and removes members, at every depth',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a JSON Patch does what RFC 6902 says',
    heldBy: [
      {
        file: 'server/documents/patch-standards.test.ts',
        title: 'any JSON Patch of any document comes to what the standard says',
      },
      {
        file: 'test/api/json-patches.ts',
        title: 'operations are done in their order, each on what the one before left',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'all of it or nothing',
    heldBy: [
      {
        file: 'test/api/json-patches.ts',
        title: "unpatched(title, before, [add('/new', 1), step]",
      },
      {
        file: 'server/storage/conformance/document-histories.ts',
        title: 'a patch whose test fails behind an operation that is done',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'another type is 415',
    heldBy: [
      {
        file: 'test/api/every-operation.ts',
        title: "typed('of type application/json', {}, 'application/json'),",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'with Accept-Patch',
    heldBy: [
      {
        file: 'test/support/scenarios.ts',
        title: "const patchTypes = 'application/merge-patch+json, application/json-patch+json'",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it applies to the document as GET shows it',
    heldBy: [
      { file: 'test/api/json-patches.ts', title: 'a JSON patch sees the stamps as GET shows them' },
      {
        file: 'test/api/patches.ts',
        title: 'a patch of the base changes the live version as GET shows it',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'its outcome is written as a POST of it',
    heldBy: [
      {
        file: 'server/documents/patch-histories.test.ts',
        title: 'a patch that is done is what a POST of its outcome would be',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a malformed patch is 400',
    heldBy: [{ file: 'test/api/json-patches.ts', title: 'an operation without op' }],
  },
  {
    section: '5 Documents',
    clause: 'a failed test is 409',
    heldBy: [{ file: 'test/api/json-patches.ts', title: 'a test for another value fails' }],
  },
  {
    section: '5 Documents',
    clause: 'an absent path is 409',
    heldBy: [{ file: 'test/api/json-patches.ts', title: 'what is absent is not removed' }],
  },
  {
    section: '5 Documents',
    clause: 'removing the live version by patch is 400',
    heldBy: [
      { file: 'test/api/patches.ts', title: 'the live version is not removed by … in a patch' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'DELETE of a base takes base and live version: 204',
    heldBy: [
      { file: 'test/api/deletes.ts', title: 'a deleted base takes its live version with it' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'DELETE of a base takes its draft',
    notYet: 'drafts are not built',
  },
  {
    section: '5 Documents',
    clause: 'DELETE of the live version takes it off alone: 204',
    heldBy: [
      {
        file: 'test/api/deletes.ts',
        title: 'a live version is taken off alone, and the base keeps what else it says',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the record keeps what they held',
    heldBy: [
      {
        file: 'server/storage/conformance/document-deletes.ts',
        title: 'the record keeps what a deleted document held, and who deleted it',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'made again, revisions and versions go on',
    heldBy: [
      {
        file: 'test/api/deletes.ts',
        title: 'revisions, version numbers and the record go on when it is made again',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'an Idempotency-Key has 1 to 255 visible ASCII characters',
    heldBy: [
      {
        file: 'test/api/repeats-refused.ts',
        title: "const broken = ['', ' ', 'a b', 'x'.repeat(256)",
      },
      {
        file: 'test/api/repeats.ts',
        title: 'keys are compared byte for byte, and may have 255 signs',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it is of the key that sends it',
    heldBy: [
      { file: 'test/api/repeats.ts', title: 'the same key of another caller is another key' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it is kept for 24 hours',
    heldBy: [
      { file: 'test/api/repeats.ts', title: 'an answer is kept for 24 hours and no longer' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'on POST, PUT, PATCH and DELETE',
    heldBy: [{ file: 'test/api/repeats.ts', title: 'is answered as before, and writes nothing' }],
  },
  {
    section: '5 Documents',
    clause: 'it is looked at after rights and body',
    heldBy: [
      {
        file: 'test/api/repeats-refused.ts',
        title: 'rights and the body are judged before the key is looked at',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'before existence and conditions',
    heldBy: [
      {
        file: 'test/api/repeats.ts',
        title: 'a condition that held the first time is not asked again',
      },
      {
        file: 'server/storage/conformance/document-repeats.ts',
        title: 'a repeated delete does not take what was made since',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the same request is one of equal method, target and bytes',
    heldBy: [
      {
        file: 'server/http/idempotency.test.ts',
        title: 'over any two targets and bodies, fingerprints are equal when both are',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it gets the first status, body, ETag and Location',
    heldBy: [
      { file: 'test/api/repeats.ts', title: 'assert.deepEqual(essence(again), essence(first))' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'and is marked as replayed',
    heldBy: [
      { file: 'test/api/repeats.ts', title: 'assert.ok(isReplay(again))' },
      {
        file: 'test/support/repeats.ts',
        title: "assert.ok(mark === undefined || mark === 'true')",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'any other request under it is 422',
    heldBy: [{ file: 'test/api/repeats-refused.ts', title: 'is refused, and nothing is written' }],
  },
  {
    section: '5 Documents',
    clause: 'only 2xx are kept',
    heldBy: [
      { file: 'test/api/repeats-refused.ts', title: 'a refusal with … of … is not kept' },
      {
        file: 'server/storage/conformance/document-repeats.ts',
        title: 'a refused write keeps nothing of its key',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'in the transaction of the write, so that a crash frees it',
    heldBy: [
      {
        file: 'test/system/repeats.test.ts',
        title: 'requests that a kill cut off are each done once when they come again',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a refusal frees it',
    heldBy: [
      {
        file: 'test/api/repeats-refused.ts',
        title: 'what was refused is done when it comes again and fits',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a fault frees it',
    heldBy: [{ file: 'test/api/repeats.ts', title: 'a fault frees the key' }],
  },
  {
    section: '5 Documents',
    clause: 'while the first runs it is 409 with Retry-After: 1',
    heldBy: [
      {
        file: 'test/api/repeats.ts',
        title: 'while the first one runs, the others are told to come again',
      },
    ],
  },
]
