/** Prints the index: by section each clause and where it is held, then what provokes each code. */
import { refusals } from '../../server/contract/errors.ts'
import { clauses } from './clauses.ts'

const lines: string[] = []
for (const section of new Set(clauses.map(({ section }) => section))) {
  lines.push('', section)
  for (const each of clauses.filter((clause) => clause.section === section)) {
    lines.push(`  ${each.code === undefined ? '' : `${each.code}: `}${each.clause}`)
    if ('notYet' in each) lines.push(`    not yet: ${each.notYet}`)
    else for (const { file, title } of each.heldBy) lines.push(`    ${file}: ${title}`)
  }
}

lines.push('', 'What provokes each code')
for (const [code, { status }] of Object.entries(refusals)) {
  lines.push(`  ${status} ${code}`)
  for (const each of clauses.filter((clause) => clause.code === code)) {
    if ('notYet' in each) continue
    for (const { file, title } of each.heldBy) {
      if (file.startsWith('test/api/')) lines.push(`    ${file}: ${title}`)
    }
  }
}

const waiting = clauses.filter((each) => 'notYet' in each).length
lines.push('', `${clauses.length} clauses, of which ${waiting} speak of what is not built`)
console.log(lines.join('\n').trimStart())
