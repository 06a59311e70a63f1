import type { Me, Recovery } from '@custodia/contracts'

export type ShownState = Recovery['state'] | 'ready'

/** Where a reset stands at `now`: after the waiting time it is ready, whatever the server was last asked. */
export const stateAt = ({ state, due_at }: Pick<Recovery, 'state' | 'due_at'>, now: number): ShownState =>
  state === 'waiting' && due_at && Date.parse(due_at) <= now ? 'ready' : state

export const isOpen = (state: ShownState): boolean => state === 'asked' || state === 'waiting' || state === 'ready'

/**
 * What this administrator may do with it. Nobody acts on their own account, nobody approves what they asked for, nobody of the
 * demonstration resets anybody else, and one of the two who agreed finishes it.
 */
export const stepsFor = (recovery: Recovery, me: Pick<Me, 'id' | 'demo'> | undefined, now: number) => {
  const state = stateAt(recovery, now)
  const mayAct = isOpen(state) && recovery.account !== me?.id
  const mayReset = mayAct && (recovery.demo || !me?.demo)
  return {
    approve: mayReset && state === 'asked' && recovery.asked_by !== me?.id,
    finish: mayAct && state === 'ready' && (recovery.asked_by === me?.id || recovery.approved_by === me?.id),
    stop: mayAct,
  }
}
