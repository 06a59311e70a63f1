import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RuleFile } from '@custodia/contracts'
import { type LoadOptions, loadRules, type Rule } from '../sigma/index.js'
import { DetectError } from './detect-error.js'

const isRuleFile = (name: string): boolean => /\.ya?ml$/i.test(name) && !/\.cases\.ya?ml$/i.test(name)

/** The rule file, or every rule file below the folder, in order of their names. */
export const readRuleFilesAt = async (path: string): Promise<RuleFile[]> => {
  const found = await stat(path).catch((cause: unknown) => {
    throw new DetectError(`no rules at ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  })
  const names = found.isDirectory()
    ? (await readdir(path, { recursive: true })).filter(isRuleFile).map((name) => join(path, name))
    : [path]
  if (!names.length) throw new DetectError(`there is no rule file (*.yml) below ${path}`)
  return Promise.all(names.sort().map(async (file) => ({ file, yaml: await readFile(file, 'utf8') })))
}

/** Loads them all or says, a line each, why one cannot be used. */
export const loadEveryRule = (files: RuleFile[], options: LoadOptions): Rule[] => {
  const { rules, problems } = loadRules(files, options)
  if (problems.length)
    throw new DetectError(
      problems.map(({ file, line, reason }) => `${file}${line === undefined ? '' : `:${line}`}: ${reason}`).join('\n'),
    )
  return rules
}
