import { RuleError } from '../rule-error.js'
import { plainText } from '../text.js'
import type { Value } from '../value.js'
import { type Modifier, needText, replaceValues } from './modifier.js'

const bytesOf = (value: Value, name: string): Buffer => {
  const text = needText(value, name)
  const plain = plainText(text.parts)
  if (plain === undefined)
    throw new RuleError({ en: `\`${name}\` cannot encode wildcards`, zh: `\`${name}\` 不能编码通配符` })
  return Buffer.from(plain, text.binary ? 'latin1' : 'utf8')
}

const encoded = (source: string): Value => ({ kind: 'text', parts: [source], source })

/** The value as Base64. */
export const base64: Modifier = {
  names: ['base64'],
  apply(item, name) {
    replaceValues(item, (value) => encoded(bytesOf(value, name).toString('base64')))
  },
}

/**
 * The value as it looks inside a longer Base64 text, where it may begin at any of three offsets. Characters that also
 * depend on the neighbouring bytes are cut off.
 */
export const base64offset: Modifier = {
  names: ['base64offset'],
  apply(item, name) {
    replaceValues(item, (value) => {
      const bytes = bytesOf(value, name)
      return [0, 1, 2].map((offset) => {
        const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
        return encoded(text.slice([0, 2, 3][offset], text.length - [0, 3, 2][(bytes.length + offset) % 3]!))
      })
    })
  },
}
