import type { Change } from '../schema/changes.js'
import { tables } from './001-tables.js'
import { views } from './002-views.js'
import { byReceiptChanges } from './003-by-receipt.js'
import { flags } from './004-flags.js'
import { drillChanges } from './005-drills.js'
import { byCustomerChanges } from './006-by-customer.js'
import { segments } from './007-segments.js'
import { lateEventChanges } from './008-late-events.js'
import { lateReceipts } from './009-late-receipts.js'
import { begunAfresh } from './010-begun-afresh.js'

/** One step of the schema. Published steps never change: a change is a new step at the end. */
export interface Migration {
  version: number
  name: string
  /** each can be repeated without harm */
  changes: readonly Change[]
}

export const migrations: readonly Migration[] = [
  { version: 1, name: 'tables', changes: tables },
  { version: 2, name: 'views', changes: views },
  { version: 3, name: 'by-receipt', changes: byReceiptChanges },
  { version: 4, name: 'flags', changes: flags },
  { version: 5, name: 'drills', changes: drillChanges },
  { version: 6, name: 'by-customer', changes: byCustomerChanges },
  { version: 7, name: 'segments', changes: segments },
  { version: 8, name: 'late-events', changes: lateEventChanges },
  { version: 9, name: 'late-receipts', changes: lateReceipts },
  { version: 10, name: 'begun-afresh', changes: begunAfresh },
]
