import { mkdir, readdir, readFile } from 'node:fs/promises'
import { watch } from 'node:fs'
import { join } from 'node:path'
import type { RuleFile } from '@custodia/contracts'
import { compileRules } from './rule-set.js'

const isRuleFile = (name: string): boolean => name.endsWith('.yml') && !name.endsWith('.cases.yml')

/** The rule files of the folders. A later folder's file replaces an earlier one's of the same name, or with a rule of the same name. */
export const readRuleFiles = async (dirs: readonly string[]): Promise<RuleFile[]> => {
  let files: RuleFile[] = []
  for (const dir of dirs) {
    const own = await readFolder(dir)
    if (files.length && own.length) files = notReplaced(files, own)
    files = [...files, ...own]
  }
  return files.sort((a, b) => (a.file < b.file ? -1 : 1))
}

const notReplaced = (files: RuleFile[], own: RuleFile[]): RuleFile[] => {
  const names = ruleNamesIn(own)
  const replaced = (file: RuleFile): boolean =>
    own.some((other) => other.file === file.file) || [...ruleNamesIn([file])].some((name) => names.has(name))
  return files.filter((file) => !replaced(file))
}

const readFolder = async (dir: string): Promise<RuleFile[]> => {
  await mkdir(dir, { recursive: true })
  const names = (await readdir(dir)).filter(isRuleFile)
  return Promise.all(names.map(async (file) => ({ file, yaml: await readFile(join(dir, file), 'utf8') })))
}

const ruleNamesIn = (files: RuleFile[]): Set<string> => new Set(compileRules(files).rules.map((rule) => rule.name))

interface Watching {
  /** how long after the last change it has settled */
  settleMs: number
  changed: () => void
  failed: (error: Error) => void
}

/** Calls back once a change in a folder has settled; returns how to stop. */
export const watchRuleFiles = (dirs: readonly string[], { settleMs, changed, failed }: Watching): (() => void) => {
  let timer: NodeJS.Timeout | undefined
  const watchers = dirs.map((dir) =>
    watch(dir, () => {
      clearTimeout(timer)
      timer = setTimeout(changed, settleMs)
    }).on('error', failed),
  )
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}
