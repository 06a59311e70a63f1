import { setTimeout as sleep } from 'node:timers/promises'
import type { TestClient } from '../../backend/src/testing/client.js'
import { newCustomer, type KeptCustomer } from '../../backend/src/testing/customers.js'

export interface Clerk {
  client: TestClient
  customers: KeptCustomer[]
}

/** A clerk with some customers of his own. */
export const withCustomers = async (client: TestClient, count: number): Promise<Clerk> => {
  const customers: KeptCustomer[] = []
  for (let n = 0; n < count; n++) customers.push(await newCustomer(client))
  return { client, customers }
}

export interface Traffic {
  /** answers so far, by status; 0: there was none */
  answers: Map<number, number>
  /** lets the last requests end */
  stop(): Promise<void>
}

const pauseMs = 20
const againMs = 150

/**
 * Clerks at work until they are stopped: one reads a customer, then looks at the photo, then goes on with the next, whatever the
 * answers are. What gets no answer is not asked again: nobody knows whether it was written down.
 */
export const work = (clerks: Clerk[]): Traffic => {
  const answers = new Map<number, number>()
  let stopped = false
  const step = async (ask: () => Promise<{ status: number }>): Promise<void> => {
    const { status } = await ask().catch(() => ({ status: 0 }))
    answers.set(status, (answers.get(status) ?? 0) + 1)
    await sleep(status === 0 || status === 503 ? againMs : pauseMs)
  }
  const day = async ({ client, customers }: Clerk): Promise<void> => {
    for (let n = 0; !stopped; n++) {
      const { id, photo } = customers[n % customers.length] as KeptCustomer
      await step(() => client.call('customerView', { params: { id } }))
      if (!stopped)
        await step(() => client.call('photoView', { params: { id: photo }, query: { purpose: 'identity_check' } }))
    }
  }
  const days = Promise.all(clerks.map(day))
  return {
    answers,
    stop: async () => {
      stopped = true
      await days
    },
  }
}
