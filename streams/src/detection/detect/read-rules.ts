import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PLACEHOLDERS, type RuleFile } from '@custodia/contracts'
import { type LoadOptions, loadRules, type Rule } from '../sigma/index.js'
import { DetectError } from './detect-error.js'

const isCases = (name: string): boolean => /\.cases\.ya?ml$/i.test(name)
const isRules = (name: string): boolean => /\.ya?ml$/i.test(name) && !isCases(name)

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const filesOf = (names: string[]): Promise<RuleFile[]> =>
  Promise.all(
    names.sort().map(async (file) => {
      const yaml = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new DetectError(`${file} cannot be read: ${reasonOf(cause)}`, { cause })
      })
      return { file, yaml }
    }),
  )

/** The rule file with the placeholders beside it, or every rule file below the folder, in order of their names. */
export const readRuleFilesAt = async (path: string): Promise<RuleFile[]> => {
  const names = (await isFolder(path))
    ? (await below(path)).filter(isRules)
    : [path, ...(await placeholdersBeside(path))]
  if (!names.length) throw new DetectError(`there is no rule file (*.yml) below ${path}`)
  return filesOf(names)
}

/** Every file of cases (*.cases.yml) below the folder, or the one beside the rule file. */
export const readCaseFilesAt = async (path: string): Promise<RuleFile[]> => {
  if (await isFolder(path)) return filesOf((await below(path)).filter(isCases))
  const beside = path.replace(/\.ya?ml$/i, '.cases$&')
  const there = beside !== path && (await stat(beside).catch(() => undefined))
  return there ? filesOf([beside]) : []
}

const placeholdersBeside = async (path: string): Promise<string[]> => {
  const beside = join(dirname(path), `${PLACEHOLDERS}.yml`)
  return beside !== join(path) && (await stat(beside).catch(() => undefined)) ? [beside] : []
}

const isFolder = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch((cause: unknown) => {
    throw new DetectError(`no rules at ${path}: ${reasonOf(cause)}`, { cause })
  })
  return found.isDirectory()
}

const below = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).map((name) => join(folder, name))

/** Rule files, and what `%name%` stands for in them: all that it takes to load them, here or in another thread. */
export interface RuleSource {
  files: RuleFile[]
  placeholders?: LoadOptions['placeholders']
}

/** Loads them all or says, a line each, why one cannot be used. */
export const loadEveryRule = (
  { files, placeholders = {} }: RuleSource,
  options: Pick<LoadOptions, 'events'> = {},
): Rule[] => {
  const { rules, problems } = loadRules(files, { placeholders, ...options })
  if (problems.length)
    throw new DetectError(
      problems.map(({ file, line, reason }) => `${file}${line === undefined ? '' : `:${line}`}: ${reason}`).join('\n'),
    )
  return rules
}
