import { useAction, type Action } from '../api/use-action.js'
import { useConfirm, type Question } from './use-confirm.js'

export interface AskedAction<A extends unknown[]> extends Action<A> {
  /** Asks, and runs when the answer is yes. */
  ask: (...args: A) => Promise<void>
}

/** A button's work that is not undone, and the question before it. */
export const useAskedAction = <A extends unknown[]>(
  question: (...args: NoInfer<A>) => Question,
  work: (...args: A) => Promise<unknown>,
): AskedAction<A> => {
  const confirm = useConfirm()
  const action = useAction(work)
  const ask = async (...args: A) => {
    if (await confirm(question(...args))) await action.run(...args)
  }
  return { ...action, ask }
}
