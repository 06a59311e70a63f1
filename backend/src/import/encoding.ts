import { ImportRefused } from './codes.js'

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030'] as const
export type Encoding = (typeof encodings)[number]

export interface DecodedText {
  text: string
  encoding: Encoding
}

const marks: [Encoding, number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** The text of a file: by its byte order mark, else UTF-8 where it is valid, else what Chinese spreadsheets save. */
export function decodeText(bytes: Buffer, stated?: Encoding): DecodedText {
  const marked = marks.find(([, mark]) => bytes.subarray(0, mark.length).equals(Buffer.from(mark)))?.[0]
  const candidates = stated ? [stated] : marked ? [marked] : bytes.includes(0) ? [widthOf(bytes)] : plain
  for (const encoding of candidates) {
    const text = decode(bytes, encoding)
    if (text !== undefined) return { text, encoding }
  }
  const [first = 'utf-8'] = candidates
  const names = candidates.map((encoding) => encoding.toUpperCase())
  throw new ImportRefused(
    `The file is not ${names.join(' and not ')}; line ${firstWrongLine(bytes, first)} is the first that is not ${names[0]}. ` +
      'Save it as "CSV UTF-8", or name its encoding with --encoding.',
  )
}

/** GBK and GB2312 are parts of GB18030. */
const plain: Encoding[] = ['utf-8', 'gb18030']

function decode(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Without a mark: commas, digits and line ends have their zero after or before them. */
function widthOf(bytes: Buffer): Encoding {
  let behind = 0
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0) behind += at % 2 ? 1 : -1
  return behind > 0 ? 'utf-16le' : 'utf-16be'
}

function firstWrongLine(bytes: Buffer, encoding: Encoding): number {
  if (encoding.startsWith('utf-16')) return 1
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(10, from)
    if (decode(bytes.subarray(from, end === -1 ? bytes.length : end), encoding) === undefined) break
    if (end === -1) break
    from = end + 1
  }
  return line
}
