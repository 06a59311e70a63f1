const made = new Map<string, Intl.DateTimeFormat>()

/** `2026-11-22 12:34:31` in a time zone: a document is read on another day, so every time in it carries its date. */
export const stamp = (iso: string, zone: string): string => {
  const found =
    made.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  made.set(zone, found)
  return found.format(new Date(iso))
}
