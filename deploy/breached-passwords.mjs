import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

// node deploy/breached-passwords.mjs LIST... makes backend/breached-passwords/sha256-5.bin anew, of lists with one password a line.
// Only those that the shortest allowed length does not refuse by itself; 5 bytes of SHA-256 each, sorted, for a binary search.
const [prefix, shortest] = [5, 12]
const known = new Set()
for (const file of process.argv.slice(2))
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const folded = line.trim().normalize('NFKC').toLowerCase()
    if ([...folded].length < shortest) continue
    known.add(
      createHash('sha256')
        .update(folded)
        .digest('hex')
        .slice(0, 2 * prefix),
    )
  }
const sorted = [...known].sort()
writeFileSync(
  new URL('../backend/breached-passwords/sha256-5.bin', import.meta.url),
  Buffer.from(sorted.join(''), 'hex'),
)
console.log(`${sorted.length} passwords`)
