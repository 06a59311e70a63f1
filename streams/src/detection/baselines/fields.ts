import { type RuleTree, readsField } from '../correlate/index.js'

/** What rules may read beside an event's own fields; docs/baselines.md says what each is. */
export const baselineFields = [
  'baseline.habit',
  'baseline.days',
  ...['self', 'peers'].flatMap((of) =>
    ['hour', 'day'].flatMap((over) =>
      ['count', 'usual', 'spread', 'z'].map((what) => `baseline.${of}.${over}.${what}`),
    ),
  ),
  'baseline.peers.people',
  'baseline.rarity',
  'baseline.first',
  'risk.score',
] as const

/** Whether a rule looks at what is usual for somebody: then SQL cannot say it, and it is judged where its actor's events are. */
export const readsBaselines = (tree: Pick<RuleTree, 'bases'>): boolean => readsField(tree, /^(baseline|risk)\./)
