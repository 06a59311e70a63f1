import type { Recovery } from '@custodia/contracts'

export type ShownState = Recovery['state'] | 'ready'

/** Where a reset stands at `now`: after the waiting time it is ready, whatever the server was last asked. */
export const stateAt = ({ state, due_at }: Pick<Recovery, 'state' | 'due_at'>, now: number): ShownState =>
  state === 'waiting' && due_at && Date.parse(due_at) <= now ? 'ready' : state

export const isOpen = (state: ShownState): boolean => state === 'asked' || state === 'waiting' || state === 'ready'

/** What this administrator may do with it. Nobody acts on their own account, and nobody approves what they asked for. */
export const stepsFor = (recovery: Recovery, me: string | undefined, now: number) => {
  const state = stateAt(recovery, now)
  const mayAct = isOpen(state) && recovery.account !== me
  return {
    approve: mayAct && state === 'asked' && recovery.asked_by !== me,
    finish: mayAct && state === 'ready',
    stop: mayAct,
  }
}
