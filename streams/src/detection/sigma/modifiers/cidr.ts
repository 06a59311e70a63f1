import { parseNetwork } from '../ip.js'
import { RuleError } from '../rule-error.js'
import { type Modifier, needText, needUnmodified, replaceValues } from './modifier.js'

/** The field is an address inside the network, IPv4 or IPv6. Text that is not an address never is. */
export const cidr: Modifier = {
  names: ['cidr'],
  apply(item, name) {
    needUnmodified(item, name)
    replaceValues(item, (value) => {
      const { source } = needText(value, name)
      if (!parseNetwork(source)) throw new RuleError(`\`${source}\` is not a network like 10.0.0.0/8 or 2001:db8::/32`)
      return { kind: 'network', source }
    })
  },
}
