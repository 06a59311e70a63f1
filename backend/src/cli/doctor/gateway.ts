import type { Config } from '../../config.js'
import { gatewayParts, type GatewayParts } from '../health.js'
import { fail, ok, warn, type Check, type Outcome } from './finding.js'

/** What the gateway that runs with this configuration says of its parts, and how far behind each is. */
export const gateway = (config: Config): Check => ({
  name: 'gateway',
  otherwise: 'see in its log why it does not answer /readyz',
  run: async () => {
    const parts = await gatewayParts(config).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return undefined
      throw error
    })
    return parts ? outcomes(parts) : [ok('none runs here now')]
  },
})

function outcomes(parts: GatewayParts): Outcome[] {
  const unwell = parts.filter((part) => !part.ok)
  const lags = parts.flatMap(({ part, lag }) => (lag === undefined ? [] : `${part} ${lag} behind`)).join(', ')
  return [
    ...unwell.map(({ part, lag, optional }) => {
      const found = `${part} is not well${lag === undefined ? '' : `: ${lag} behind`}`
      return optional ? warn(found, todo(part)) : fail(found, todo(part))
    }),
    ok(`${parts.length - unwell.length} of ${parts.length} parts well; ${lags}`),
  ]
}

const todo = (part: string): string =>
  part === 'in touch'
    ? 'see why this gateway cannot read the accounts topic; until it can, it shows nothing protected'
    : 'see what the log of gateway and streams says of it'
