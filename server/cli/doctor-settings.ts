/** What `tenantry doctor` finds in the settings, each by itself and one beside the other. Pure. */
import { totalmem } from 'node:os'
import type { Config, ConfigReading } from '../config.ts'
import { flagOf, variableOf } from '../config.ts'
import { bytesText } from '../contract/amounts.ts'
import type { Finding, Severity } from '../contract/finding.ts'
import { isLoopback } from './loopback.ts'
import { checkPorts } from './ports.ts'

/** Of the memory of the machine, for documents alone. */
const cacheShareMax = 0.5

/** Findings of values that do not parse, of names that nothing reads, and of contradictions. */
export function examineSettings({
  config,
  warnings,
  faults,
}: ConfigReading & { readonly faults: readonly string[] }): readonly Finding[] {
  return [
    ...faults.map((what) =>
      found(
        'error',
        `${what} Nothing starts with that, and what follows was examined with its default.`,
        'Set it to such a value, or leave it out.',
      ),
    ),
    ...warnings.map((what) => found('warning', what, 'Mend its name, or remove it.')),
    ...contradictions(config),
  ]
}

function contradictions(config: Config): readonly Finding[] {
  const { host, metricsPort, cacheMaxBytes, trustProxy, corsOrigins } = config
  const findings: Finding[] = []
  try {
    checkPorts(config)
  } catch (error) {
    const { message } = error as Error
    findings.push(found('error', message, `Set ${flagOf('metricsPort')} to another port.`))
  }
  const isPublic = !isLoopback(host)
  if (isPublic) {
    findings.push(
      found(
        'note',
        `${variableOf('host')} is ${host}: keys and data go to other machines in plain HTTP.`,
        'Put a proxy that speaks TLS in front, and let nothing but it reach this port.',
      ),
    )
  }
  if (isPublic && metricsPort !== 'none') {
    findings.push(
      found(
        'warning',
        `The metrics are on ${host}:${metricsPort}, where whoever reaches it reads them ` +
          'without a key.',
        `Let a firewall admit Prometheus alone, or unset ${variableOf('metricsPort')}.`,
      ),
    )
  }
  if (!isPublic && trustProxy > 1) {
    findings.push(
      found(
        'note',
        `${variableOf('trustProxy')} is ${trustProxy}: the log takes clients' addresses from ` +
          'that many proxies.',
        'Count the proxies in front; with more than there are, clients write what they like.',
      ),
    )
  }
  if (cacheMaxBytes > totalmem() * cacheShareMax) {
    findings.push(
      found(
        'warning',
        `${variableOf('cacheMaxBytes')} is ${bytesText(cacheMaxBytes)}, and this machine has ` +
          `${bytesText(totalmem())} of memory.`,
        'Set it to less than half of that.',
      ),
    )
  }
  const plain = corsOrigins.filter((origin) => /^http:\/\/(?!localhost|127\.)/.test(origin))
  if (plain.length > 0) {
    findings.push(
      found(
        'note',
        `${variableOf('corsOrigins')} admits pages that come in plain HTTP: ${plain.join(', ')}.`,
        'Serve these pages by HTTPS: on their way anyone may change what they send here.',
      ),
    )
  }
  return findings
}

function found(severity: Severity, what: string, mend: string): Finding {
  return { severity, check: 'settings', what, mend }
}
