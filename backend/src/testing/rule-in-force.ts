import type { RuleFile } from '@custodia/contracts'
import type { TestClient } from './client.js'
import { provenOk } from './proof.js'
import { until } from './settled.js'

type Store = Parameters<typeof provenOk>[0]

/** A rule goes into force while everything runs, as people put it there: a draft, its backtest, and a second person where it freezes or holds. */
export async function putIntoForce(
  store: Store,
  [author, second]: readonly [TestClient, TestClient],
  { file, yaml }: RuleFile,
): Promise<void> {
  const id = file.replace(/\.yml$/, '')
  await until(async () => (await author.ok('ruleFiles')).items.length) // the first set is taken over
  const { status, body: known } = await author.call('ruleFile', { params: { id } })
  const base = status === 200 ? known.versions.find(({ state }) => state === 'live')?.number : undefined
  const edit = { yaml, reason: 'as the test wants it', ...(base && { base }) }
  const { number } = await author.ok('ruleEdit', { params: { id }, body: edit })
  const call = { params: { id, number: String(number) }, body: { reason: 'looked at it' } }
  await author.ok('ruleTry', { params: call.params, body: { days: 7 } })
  const { state } = await provenOk(store, author, 'rulePropose', call)
  if (state === 'proposed') await provenOk(store, second, 'ruleApprove', call)
}
