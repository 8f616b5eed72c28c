/**
 * The bounds that a caller meets, in one place, each with its unit and its reason. What an operator
 * may change of them stands in `config.ts`, with the value here as its default. What may wait for a
 * store is bounded by its engine, and the shape of a name where that is parsed.
 */

/**
 * Room for far more than settings; and the worst document of this size must not hold the event loop
 * for over 50 ms, as the gate `stall` measures.
 */
export const bodySizeMaxBytes = 1_048_576

/** The setting's ceiling: to check a body this large holds the event loop for 0.1 to 0.2 s. */
export const bodySizeCeilingBytes = 16 * 1_048_576

/** Deep enough for any settings tree; shallow enough to walk by recursion without a thought. */
export const bodyDepthMax = 64

/**
 * Members and elements of a whole document: to check 20 000 keys takes about 10 ms of the event
 * loop, and 90 000, which fit into 1 MiB too, about 70.
 */
export const bodyMembersMax = 20_000

/**
 * What the operations of one JSON Patch may bring in, copy and move together: a document of the
 * greatest size fifteen times over. That takes the writer about 0.1 s; a few operations that each
 * copy the whole document would keep all other writes waiting.
 */
export const patchNodesMax = 300_000
export const patchCopiesMaxCharacters = 8 * 1_048_576

/** The same as a document name, so that a map of documents by name is always a legal body. */
export const memberNameMaxBytes = 1500

/** With the tenant and document name, a key that a btree of any engine can hold (about 2700). */
export const collectionNameMaxBytes = 512

/** See `collectionNameMaxBytes`. */
export const documentNameMaxBytes = 1500

/** Three names of the greatest length, every byte percent-encoded, and some of a query. */
export const targetMaxBytes = 16_384

/** Proxies add headers; common servers stop at 8 to 48 KiB. */
export const headersMaxBytes = 32_768

/** Of a rotated key: a week is enough to change every place that an old text is in. */
export const keyOverlapMaxSeconds = 7 * 24 * 3600

/**
 * Of one key: more than a tenant has collections that anyone would name. Each is read when the key
 * is, and compared with each of the key that gives it away: 250 000 times in about 7 ms.
 */
export const keyScopesMax = 500

/** Of a key that expires: the last moment that a date can say (ECMA-262, time values). */
export const expiryMaxMs = 8_640_000_000_000_000

/** A label is for a column of a table, not for a story. */
export const labelMaxCharacters = 200

/** How much of what a client sent a message repeats: enough to recognise, too little to amplify. */
export const echoMaxCharacters = 200

/** Headers take one round trip; ten seconds forgive a bad mobile link, not a slow attack. */
export const headersTimeMaxMs = 10_000

/** The greatest body, unless an operator allows larger ones, at 35 KiB a second. */
export const bodyTimeMaxMs = 30_000

/** Above the 60 s after which common balancers drop idle upstreams, so that they close first. */
export const keepAliveMs = 72_000

/** A client reads a refusal only after it sent what it had in flight: a few socket buffers. */
export const drainMaxBytes = 4 * 1_048_576

/**
 * Pieces that a body may come in, beside one for each `bodyPieceMinBytes` of it: a megabyte in
 * pieces of a byte costs seconds, and nobody who means well sends it.
 */
export const bodyPiecesMax = 1024

/** See `bodyPiecesMax`. */
export const bodyPieceMinBytes = 64

/** How long a refused body is read on before the connection is cut: some round trips. */
export const drainMaxMs = 2000

/** Requests of one connection that are owed an answer; clients that pipeline use a handful. */
export const pipelineMaxRequests = 32

/** How long the answers before a broken request may take: as long as when a server stops. */
export const brokenConnectionMaxMs = 10_000

/** A reader takes at least a piece of this size in `stallMaxMs`, while there is more for it. */
export const pieceBytes = 65_536

/** Two KiB a second is slower than any link that still works; see `pieceBytes`. */
export const stallMaxMs = 30_000

/** Visible ASCII characters. */
export const idempotencyKeyMaxCharacters = 255

/** A client that was cut off over a night still gets its answer. */
export const idempotencyKeptMs = 24 * 3_600_000

/** A write takes milliseconds; a second is the least that the header can say. */
export const idempotencyRetryAfterSeconds = 1

/** Of a part of a list. It is fixed by its names before it is sent, so it is not without bound. */
export const listLimitMax = 5000

/** What a client waits before it asks again when the store was busy: many commits' time. */
export const busyRetryAfterSeconds = 1
