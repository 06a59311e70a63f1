import { performance } from 'node:perf_hooks'
import { it } from '@jest/globals'
import { startTestGateway } from '../testing/gateway.js'
it('x', async () => {
  const t0 = performance.now()
  const g = await startTestGateway()
  const t1 = performance.now()
  const c = await g.signedIn('staff')
  const t2 = performance.now()
  const l = await c.call('customersSearch', { query: {} })
  await g.settled()
  const t3 = performance.now()
  await g.stop()
  console.log('start', t1 - t0, 'sign', t2 - t1, 'settle', t3 - t2, 'stop', performance.now() - t3, l.status, l.body)
}, 120000)
