import type { Part } from '../text.js'
import { type Modifier, needText, replaceValues } from './modifier.js'

const littleEndian = (text: string): Buffer => Buffer.from(text, 'utf16le')
const encodings: Record<string, (text: string) => Buffer> = {
  wide: littleEndian,
  utf16le: littleEndian,
  utf16be: (text) => littleEndian(text).swap16(),
  utf16: littleEndian,
}

/** `utf16le` = `wide`, `utf16be`, and `utf16` with a byte order mark: the bytes of the text, one character each. */
export const utf16: Modifier = {
  names: Object.keys(encodings),
  apply(item, name) {
    const encode = (part: Part): Part => (typeof part === 'string' ? encodings[name]!(part).toString('latin1') : part)
    replaceValues(item, (value) => {
      const text = needText(value, name)
      const mark = name === 'utf16' ? ['\u00ff\u00fe'] : []
      return { ...text, parts: [...mark, ...text.parts.map(encode)], binary: true }
    })
  },
}
