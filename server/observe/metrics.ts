/**
 * Events as Prometheus metrics. Labels are routes, methods and statuses, of which there are few;
 * a tenant, a key or a name never is one, so the number of series does not grow with the data.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { RequestAnswered, Tell } from './events.ts'

export type Metrics = {
  readonly tell: Tell
  /** All of them in Prometheus' text format. */
  render(): Promise<string>
  /** The Content-Type of what `render` gives. */
  readonly contentType: string
}

/** Read when metrics are asked for, not before. */
export type ReadSizes = () => Promise<{
  readonly dataBytes: number
  readonly logBytes: number
  readonly writesWaiting: number
  /** Undefined until it was counted. */
  readonly record: { readonly rows: number; readonly bytes: number } | undefined
}>

/** From a read out of memory to a write that waits for a slow disk; seconds. */
const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10]

/** Up to the greatest number of writes that one commit takes. */
const sharedBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

/** Metrics of one server. `build` is the product's version. */
export function makeMetrics(readSizes: ReadSizes, build: string): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  new Gauge({
    name: 'tenantry_build_info',
    help: 'Always 1; the label says which Tenantry this is.',
    labelNames: ['version'],
    registers,
  }).set({ version: build }, 1)
  const requests = new Histogram({
    name: 'tenantry_http_request_duration_seconds',
    help: 'Time from the turn of a request on its connection until its answer was given away.',
    labelNames,
    buckets: durationBuckets,
    registers,
  })
  const commits = new Histogram({
    name: 'tenantry_commit_duration_seconds',
    help: 'Time from the first statement of a commit until it was on disk.',
    buckets: durationBuckets,
    registers,
  })
  const shared = new Histogram({
    name: 'tenantry_commit_writes',
    help: 'Writes that shared one commit.',
    buckets: sharedBuckets,
    registers,
  })
  const written = new Counter({
    name: 'tenantry_written_characters_total',
    help: 'Characters of all that was written: by about how much the record grows.',
    registers,
  })
  const full = new Gauge({
    name: 'tenantry_store_full',
    help: '1 while writes fail because the store is full.',
    registers,
  })
  const faults = new Counter({
    name: 'tenantry_faults_total',
    help: 'Failures that nobody outside can mend; the log has each of them.',
    registers,
  })
  const measure = gaugeSizes(readSizes, registers)
  const childOf = boundChildren(requests)
  return {
    contentType: register.contentType,
    async render() {
      await measure()
      return register.metrics()
    },
    tell(event) {
      switch (event.event) {
        case 'request-answered':
          childOf(event).observe(event.durationMs / 1000)
          break
        case 'commit-made':
          commits.observe(event.durationMs / 1000)
          shared.observe(event.writes)
          written.inc(event.characters)
          break
        case 'store-full':
          full.set(1)
          break
        case 'store-has-room':
          full.set(0)
          break
        case 'request-faulted':
        case 'background-faulted':
          faults.inc()
          break
        default:
      }
    },
  }
}

/** Gives what reads the sizes anew; gauges of their own would read them three times. */
function gaugeSizes(readSizes: ReadSizes, registers: Registry[]): () => Promise<void> {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const data = gauge('tenantry_store_data_bytes', 'Size of the data on the disk.')
  const log = gauge(
    'tenantry_store_log_bytes',
    'Size of what was written since it was last moved into the data.',
  )
  const waiting = gauge(
    'tenantry_writes_waiting',
    'Writes that wait for the disk or are on their way to it.',
  )
  const rows = gauge('tenantry_record_rows', 'Rows of the record: one for each write ever made.')
  const bytes = gauge('tenantry_record_bytes', 'Bytes of content that the record keeps.')
  return async () => {
    const sizes = await readSizes()
    data.set(sizes.dataBytes)
    log.set(sizes.logBytes)
    waiting.set(sizes.writesWaiting)
    // What is not known yet is no 0: a gauge that is not there breaks no sum.
    for (const each of [rows, bytes]) each.remove()
    if (sizes.record === undefined) return
    rows.set(sizes.record.rows)
    bytes.set(sizes.record.bytes)
  }
}

const labelNames = ['method', 'route', 'status'] as const
type LabelName = (typeof labelNames)[number]

/** Finding a child by its labels costs more than all else here, so each is found once. */
function boundChildren(
  histogram: Histogram<LabelName>,
): (event: RequestAnswered) => Histogram.Internal<LabelName> {
  const children = new Map<string, Histogram.Internal<LabelName>>()
  return ({ method, route = '', status }) => {
    const name = `${method} ${route} ${status}`
    const known = children.get(name)
    if (known !== undefined) return known
    const child = histogram.labels(method, route, String(status))
    children.set(name, child)
    return child
  }
}
