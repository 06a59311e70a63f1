import { StepUpDetail } from '@custodia/contracts'
import type { ApiProblem } from './problem.js'

/**
 * Asks the person for the proof that an action wants; resolves with its id, or with nothing when they gave up. `until`: where
 * it is a rule that asks for it, for how long.
 */
export type Prover = (asked: StepUpDetail, until?: string) => Promise<string | undefined>

let prover: Prover | undefined
/** The page's dialog registers itself here once. */
export const proveWith = (ask: Prover): void => {
  prover = ask
}

/** The header with which a refused request may come again; undefined: it stays refused. */
export const proofFor = async ({ code, extras }: ApiProblem): Promise<Record<string, string> | undefined> => {
  const asked = code === 'step_up_required' ? StepUpDetail.safeParse(extras['step_up']) : undefined
  const { until } = extras
  const id = asked?.success ? await prover?.(asked.data, typeof until === 'string' ? until : undefined) : undefined
  return id === undefined ? undefined : { 'custodia-step-up': id }
}
