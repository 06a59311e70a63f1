import { keep, type Dead, type Drop, type Keep, type Result } from './result.js'

/**
 * A step: a named function from an item to a result. Steps are made by factories, so that what they need closes over. It
 * decides and does not wait: a promise an item and step costs more than most steps do. What waits is a sink.
 */
export type Step<In, Out> = (item: In) => Result<Out>

/** How an item left the pipeline, and which step decided when it did not come through. */
export type Outcome<Out> = Keep<Out> | ((Drop | Dead) & { step: string })

export interface Pipeline<In, Out> {
  /** names of the steps in order: a table of contents for logs and metrics */
  readonly steps: readonly string[]
  run(item: In): Outcome<Out>
}

/** Steps in order; an item leaves at the first one that does not keep it. */
export function compose<A, B>(first: Step<A, B>): Pipeline<A, B>
export function compose<A, B, C>(first: Step<A, B>, second: Step<B, C>): Pipeline<A, C>
export function compose<A, B, C, D>(first: Step<A, B>, second: Step<B, C>, third: Step<C, D>): Pipeline<A, D>
export function compose<A, B, C, D, E>(
  first: Step<A, B>,
  second: Step<B, C>,
  third: Step<C, D>,
  fourth: Step<D, E>,
): Pipeline<A, E>
export function compose(...steps: Step<unknown, unknown>[]): Pipeline<unknown, unknown> {
  const unnamed = steps.findIndex((step) => step.name === '')
  if (unnamed !== -1) throw new TypeError(`Step ${unnamed + 1} has no name: return a named function from its factory.`)
  return {
    steps: steps.map((step) => step.name),
    run: (item) => {
      let value = item
      for (const step of steps) {
        const result = step(value)
        if (result.kind !== 'keep') return { ...result, step: step.name }
        value = result.value
      }
      return keep(value)
    },
  }
}
