import type { RuleProblem } from '@custodia/contracts'
import { problemIn, RuleError } from './rule-error.js'

/** What YAML does not let stand in a text, and what a reader of UTF-8 puts in the place of bytes that are none. */
const odd = /[^\t\n\r\x20-\x7f\x85\xa0-\ud7ff\ue000-\ufffc\u{10000}-\u{10ffff}]/u

const notUtf8 = {
  en: 'this is not UTF-8: save the file as UTF-8 (where the character U+FFFD is meant, write "\\uFFFD")',
  zh: '此处不是 UTF-8 编码：请把文件保存为 UTF-8（若确需字符 U+FFFD，请写 "\\uFFFD"）',
}

/** Refuses a file that is damaged or in another encoding: its rules would look for other texts than their author wrote. */
export const needReadable = (yaml: string): void => {
  const found = odd.exec(yaml)
  if (!found) return
  const code = found[0].codePointAt(0)!
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  throw new RuleError(
    code === 0 || code === 0xfffd
      ? notUtf8
      : {
          en: `the character ${name} cannot stand in YAML: write it as an escape`,
          zh: `YAML 中不能出现字符 ${name}：请写成转义`,
        },
    yaml.slice(0, found.index).split(/\r\n?|\n/).length,
  )
}

/** Why a file cannot be read as it is, if so. */
export const unreadableIn = (file: string, yaml: string): RuleProblem | undefined => {
  try {
    needReadable(yaml)
    return undefined
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    return problemIn(file, error.said, error.line)
  }
}
