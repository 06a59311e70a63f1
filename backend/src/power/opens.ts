import { Role, type FieldLevel, type PolicyCell, type Reach } from '@custodia/contracts'
import type { Policy } from '../gateway/policy-in-force.js'

/** from the least */
const reaches: readonly Reach[] = ['own', 'team', 'branch', 'all']
const levels: readonly FieldLevel[] = ['absent', 'masked', 'approval', 'reveal', 'plain']

/** What some role gets more of by the second table than by the first: permissions, fields, settings. A table that opens nothing only tightens. */
export function opensOf(before: Policy, after: Policy): string[] {
  const wider = <K extends string, V>(
    from: Record<K, Partial<Record<Role, V>>>,
    to: typeof from,
    isWider: (was: V | undefined, is: V) => boolean,
  ) =>
    (Object.keys(to) as K[]).filter((key) =>
      Role.options.some((role) => {
        const is = to[key][role]
        return is !== undefined && isWider(from[key][role], is)
      }),
    )
  return [
    ...wider(before.cells, after.cells, isWiderCell),
    ...wider(before.fields, after.fields, (was, is) => levels.indexOf(is) > (was ? levels.indexOf(was) : 0)),
    ...(after.settings.larger_export > before.settings.larger_export ? ['larger_export'] : []),
  ]
}

const isWiderCell = (was: PolicyCell | undefined, is: PolicyCell): boolean =>
  !was ||
  reaches.indexOf(is.reach) > reaches.indexOf(was.reach) ||
  (['purpose', 'held', 'step_up', 'hours'] as const).some((condition) => was[condition] && !is[condition]) ||
  // Networks as they are spelled: another spelling of the same counts as wider, which errs on the careful side.
  (was.networks !== undefined && !(is.networks?.every((network) => was.networks?.includes(network)) ?? false))
