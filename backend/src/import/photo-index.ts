import type { ReasonCode } from './codes.js'
import type { PhotoFile } from './photo-source.js'

/** One spelling for names: macOS takes letters apart, Windows turns slashes round, and neither tells case apart. */
const spellingOf = (path: string): string =>
  path
    .normalize('NFC')
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '')
    .toLowerCase()
const leadsOut = (path: string): boolean => /^\/|^[a-z]:|(^|\/)\.\.(\/|$)|\0/i.test(path)

/** Finds the files that rows name, and remembers who named them: a photo belongs to one person. */
export class PhotoIndex {
  private readonly byPath = new Map<string, PhotoFile[]>()
  private readonly byName = new Map<string, PhotoFile[]>()
  private readonly named = new Map<PhotoFile, number>()

  constructor(private readonly files: readonly PhotoFile[]) {
    for (const file of files) {
      const path = spellingOf(file.path)
      add(this.byPath, path, file)
      add(this.byName, path.slice(path.lastIndexOf('/') + 1), file)
    }
  }

  /** By the path inside the folder, or by the bare name where only one file has it. */
  find(name: string): PhotoFile | ReasonCode {
    const path = spellingOf(name)
    if (leadsOut(path)) return 'photo_unsafe_name'
    const found = this.byPath.get(path) ?? (path.includes('/') ? [] : (this.byName.get(path) ?? []))
    const [file] = found
    if (!file) return 'photo_missing'
    if (found.length > 1) return 'photo_ambiguous'
    this.named.set(file, (this.named.get(file) ?? 0) + 1)
    return file
  }

  /** Known once every row has found its files. */
  isShared(file: PhotoFile): boolean {
    return (this.named.get(file) ?? 0) > 1
  }

  /** Files that no row named. */
  unused(): string[] {
    return this.files.flatMap((file) => (this.named.has(file) ? [] : [file.path]))
  }
}

function add(index: Map<string, PhotoFile[]>, key: string, file: PhotoFile): void {
  const found = index.get(key)
  if (found) found.push(file)
  else index.set(key, [file])
}
