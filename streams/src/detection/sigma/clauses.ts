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

const isClause = (text: string): boolean =>
  Object.entries(laws).some(([law, { format, most }]) => {
    if (!text.startsWith(`${law} `)) return false
    const found = format.exec(text.slice(law.length + 1))
    return found !== null && (most === undefined || (Number(found[1]) >= 1 && Number(found[1]) <= most))
  })

export const Clauses = z.array(
  z.string().refine(isClause, {
    error: schemaSays('is not cited like `PIPL 51`, `GDPR 5(1)(f)`, `PCI DSS 10.2.1.4` or `ATT&CK T1110.003`'),
  }),
)
