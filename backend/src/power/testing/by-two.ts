import type { PolicyDocument, PolicySettings } from '@custodia/contracts'
import type { TestClient } from '../../testing/client.js'
import type { TestGateway } from '../../testing/gateway.js'
import { proven, provenOk } from '../../testing/proof.js'

/** Confirms a change of power as somebody else than who asked. */
export async function confirmPower(gateway: TestGateway, id: string): Promise<void> {
  await provenOk(gateway, await gateway.signedIn('admin'), 'powerConfirm', { params: { id } })
}

/** Puts other settings in force: what opens something is confirmed by a second administrator. */
export async function changePolicy(
  gateway: TestGateway,
  admin: TestClient,
  over: Partial<PolicySettings>,
): Promise<PolicyDocument> {
  const { version, preset, conditions, larger_export } = await admin.ok('policy')
  const body = { version, preset, conditions, larger_export, reason: 'a test', ...over }
  const { waiting, ...document } = (await proven(gateway, admin, 'policyChange', { body })).body
  if (!waiting) return document
  await confirmPower(gateway, waiting)
  return admin.ok('policy')
}
