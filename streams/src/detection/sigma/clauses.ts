import { z } from 'zod'
import { schemaSays } from './reason.js'

interface Law {
  format: RegExp
  /** the last article or requirement that there is */
  most?: number
}

/** What a rule may say that it serves, and how it is cited. */
const laws: Readonly<Record<string, Law>> = {
  PIPL: { format: /^(?:Art\. )?(\d{1,2})(?:\(\d+\))*$/, most: 74 },
  GDPR: { format: /^(?:Art\. )?(\d{1,2})(?:\(\d+\))?(?:\([a-z]\))?$/, most: 99 },
  'PCI DSS': { format: /^(\d{1,2})(?:\.\d{1,2}){0,3}$/, most: 12 },
  'ATT&CK': { format: /^T\d{4}(?:\.\d{3})?$/ },
}

/** The article that a text cites and the last one that there is; undefined where it cites nothing. */
const citedIn = (text: string): { article: number; most: number } | undefined => {
  const law = Object.keys(laws).find((each) => text.startsWith(`${each} `))
  const { format, most = Infinity } = (law && laws[law]) || {}
  const found = law && format?.exec(text.slice(law.length + 1))
  return found ? { article: Number(found[1] ?? 1), most } : undefined
}
const isCited = (text: string): boolean => citedIn(text) !== undefined
const exists = (text: string): boolean => {
  const { article, most } = citedIn(text) ?? { article: 1, most: 1 } // not cited: said before
  return article >= 1 && article <= most
}

export const Clauses = z.array(
  z
    .string()
    .refine(isCited, {
      error: schemaSays('is not cited like `PIPL 51`, `GDPR 5(1)(f)`, `PCI DSS 10.2.1.4` or `ATT&CK T1110.003`'),
    })
    .refine(exists, {
      error: schemaSays('cites what there is not: PIPL has 74 articles, GDPR 99, PCI DSS 12 requirements'),
    }),
)
