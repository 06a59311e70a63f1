import type { RuleAdvice, RuleFile, RuleSummary } from '@custodia/contracts'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

const Document = z.object({
  name: z.string().optional(),
  id: z.string().optional(),
  custodia: z
    .object({
      runbook: z
        .union([z.string().transform((en) => ({ en })), z.object({ en: z.string(), zh: z.string() })])
        .optional(),
      clauses: z.array(z.string()).default([]),
    })
    .optional(),
})

interface Rules {
  rules: readonly Pick<RuleSummary, 'name' | 'file'>[]
  files: readonly RuleFile[]
}

/** What a rule of this set says to do about its alerts, and what it serves; a rule without a name is called by its id or its file. */
export const adviceOf = (set: Rules, rule: string): RuleAdvice | undefined => {
  const file = set.rules.find(({ name }) => name === rule)?.file
  const yaml = set.files.find((each) => each.file === file)?.yaml
  if (file === undefined || yaml === undefined) return undefined
  const documents = parseAllDocuments(yaml).flatMap((each) => Document.safeParse(each.toJS()).data ?? [])
  const { custodia } = documents.find(({ name, id }) => (name ?? id) === rule) ?? documents[0] ?? {}
  return { file: file.replace(/\.ya?ml$/, ''), runbook: custodia?.runbook, clauses: custodia?.clauses ?? [] }
}
