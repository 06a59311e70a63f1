import { parseNetwork, unmapped } from '../ip.js'
import { RuleError } from '../rule-error.js'
import { plainText } from '../text.js'
import { type Modifier, needText, needUnmodified, replaceValues } from './modifier.js'

/** The field is an address inside the network, IPv4 or IPv6. Text that is not an address never is. */
export const cidr: Modifier = {
  names: ['cidr'],
  apply(item, name) {
    needUnmodified(item, name)
    replaceValues(item, (value) => {
      const text = needText(value, name)
      const source = plainText(text.parts)
      const network = source === undefined ? undefined : unmapped(source)
      if (source !== undefined && network === undefined)
        throw new RuleError({
          en: `\`${source}\` is not a network: IPv4 in IPv6 has at least 96 bits, \`::ffff:0:0/96\` is all of it`,
          zh: `\`${source}\` 不是网段：IPv6 中的 IPv4 至少 96 位，\`::ffff:0:0/96\` 即其全部`,
        })
      if (source === undefined || network === undefined || !parseNetwork(source))
        throw new RuleError({
          en: `\`${source ?? text.source}\` is not a network like 10.0.0.0/8 or 2001:db8::/32`,
          zh: `\`${source ?? text.source}\` 不是网段，应形如 10.0.0.0/8 或 2001:db8::/32`,
        })
      return { kind: 'network', source: network }
    })
  },
}
