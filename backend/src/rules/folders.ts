import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RuleFileName, type RuleFile, type RuleProblem } from '@custodia/contracts'
import { readRuleFiles, unreadableIn } from '@custodia/streams/detection'
import { listsFirst, nameOf } from './file-names.js'

/** A rule file where it lies, with its cases beside it. */
export interface FoundRule extends RuleFile {
  name: string
  hash: string
  /** when the file was last written */
  changedAt: Date
  cases?: string
  /** why the cases that lie there cannot be read: the rule waits for them */
  unreadable?: RuleProblem
}

/** As PostgreSQL computes it of the text that it keeps: to know a text again, not to keep anybody out. */
export const hashOf = (yaml: string): string => createHash('md5').update(yaml).digest('hex')

const casesOf = async (dir: string, name: string): Promise<Pick<FoundRule, 'cases' | 'unreadable'>> => {
  const file = `${name}.cases.yml`
  try {
    const cases = await readFile(join(dir, file), 'utf8')
    const unreadable = unreadableIn(file, cases)
    return unreadable ? { unreadable } : { cases }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    const reason = `cannot be read: ${String(error)}`
    return { unreadable: { file, reason, reason_zh: `无法读取：${String(error)}` } }
  }
}

/** The rule files of one folder whose names a rule may have; first what placeholders stand for, which the others may need. */
export const readFolder = async (dir: string): Promise<FoundRule[]> => {
  const files = await readRuleFiles([dir])
  const named = files.map((file) => ({ ...file, name: nameOf(file.file) }))
  return Promise.all(
    listsFirst(named.filter(({ name }) => RuleFileName.safeParse(name).success)).map(async (file) => ({
      ...file,
      hash: hashOf(file.yaml),
      changedAt: (await stat(join(dir, file.file))).mtime,
      ...(await casesOf(dir, file.name)),
    })),
  )
}
