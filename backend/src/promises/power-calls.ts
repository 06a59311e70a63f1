import type { powerRoutes } from '@custodia/contracts'
import { ofPerson, ofRecord, type Calls } from './asked.js'

/** One valid request for every change of power. */
export const powerCalls: Pick<Calls, keyof typeof powerRoutes> = {
  powerChanges: () => ({}),
  powerConfirm: async (world) => {
    const subject = await world.bystander()
    const asked = ofRecord(await world.powerChange(subject))
    return { headers: await world.proof(world.client, 'powerConfirm', asked), ...asked, made: () => ({ subject }) }
  },
  deciderConfirm: async (world) => {
    const [subject, decides_from] = await world.newDecider()
    const asked = { ...ofPerson(subject), body: { decides_from } }
    return { headers: await world.proof(world.client, 'deciderConfirm', asked), ...asked }
  },
  powerStop: async (world) => ({
    ...ofRecord(await world.powerChange(await world.bystander())),
    body: { reason: 'nobody knew of it' },
  }),
  administratorPropose: async (world) => {
    const asked = { ...ofPerson(await world.bystander()), body: { reason: 'takes over from Zhou' } }
    const headers = await world.proof(world.client, 'administratorPropose', asked)
    return { headers, ...asked, made: ({ id }) => ({ record_id: id }) }
  },
}
