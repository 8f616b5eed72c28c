/** Who types: commands sign what they do as `cli:<user>`. */
import { userInfo } from 'node:os'

/** Never throws: containers run as users that no list knows. */
export function operatorName(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    return `cli:uid-${process.getuid?.() ?? 'unknown'}`
  }
}
