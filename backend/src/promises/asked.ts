import type { AccessEvent, RouteName, Routes, ReplyOf } from '@custodia/contracts'
import type { Call, TestClient } from '../testing/client.js'
import type { RouteWorld } from './route-world.js'

type Target = Partial<Pick<AccessEvent, 'customer_id' | 'record_id' | 'subject'>>

/** A valid request, and what its event must name. */
export interface Asked<R extends RouteName> extends Call<R> {
  /** who asks, when it is not the person themselves */
  by?: TestClient
  /** account the event names when it was granted; default: who asks; null: nobody is known */
  actor?: string | null
  /** the answer to whoever may, when it is not 200 or 204 */
  status?: number
  /** named by the event, granted or refused */
  target?: Target
  /** named by the event of a granted access, as the answer tells */
  made?: (reply: ReplyOf<Routes[R]>) => Target
}

export type Calls = { [R in RouteName]: (world: RouteWorld) => Asked<R> | Promise<Asked<R>> }

export const aPeriod = () => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date(Date.now() + 60_000).toISOString(),
})
export const ofCustomer = (id: string) => ({ params: { id }, target: { customer_id: id } })
export const ofRecord = (id: string) => ({ params: { id }, target: { record_id: id } })
export const ofPerson = (id: string) => ({ params: { id }, target: { subject: id } })
