import type { Freeze } from '@custodia/contracts'

/** What somebody can do to end a freeze: lift it, ask as the first of two, or wait for the second. The server decides. */
export type LiftStep = 'lift' | 'ask' | 'wait'

export const liftStep = (freeze: Freeze | undefined, me: string | undefined): LiftStep => {
  if (!freeze?.two_persons) return 'lift'
  if (!freeze.lift_asked_by) return 'ask'
  return freeze.lift_asked_by === me ? 'wait' : 'lift'
}
