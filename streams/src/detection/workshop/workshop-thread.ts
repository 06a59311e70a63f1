import { parentPort } from 'node:worker_threads'
import { tasks } from './tasks.js'

export interface Asked {
  id: number
  task: keyof typeof tasks
  input: unknown[]
}
export type Told = { id: number; answer: unknown } | { id: number; failed: string }

parentPort?.on('message', ({ id, task, input }: Asked) => {
  try {
    const work = tasks[task] as (...input: unknown[]) => unknown
    parentPort?.postMessage({ id, answer: work(...input) } satisfies Told)
  } catch (error) {
    parentPort?.postMessage({ id, failed: error instanceof Error ? error.message : String(error) } satisfies Told)
  }
})
