import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { byteOrderMark, csvLine } from '../gateway/csv.js'
import { reasons, type Finding, type RowStatus } from './codes.js'

export interface ReportLine {
  /** as a spreadsheet counts; absent: about a photo that no row names */
  row?: number
  status: RowStatus
  findings: Finding[]
  /** the photo that no row names */
  file?: string
}

const cells = ['row', 'status', 'code', 'column', 'file', 'what_to_do']

/** One line for each row and reason, for its owner's eyes; the file gets its name when it is whole. */
export class Report {
  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
    private readonly asCsv: boolean,
  ) {}

  static async create(path: string): Promise<Report> {
    const part = `${path}.part`
    await rm(part, { force: true })
    const report = new Report(await open(part, 'wx', 0o600), path, !path.endsWith('.ndjson'))
    if (report.asCsv) await report.file.write(byteOrderMark + csvLine(cells))
    return report
  }

  async add(lines: readonly ReportLine[]): Promise<void> {
    const text = lines.flatMap(({ row, status, findings, file }) =>
      findings.map(({ code, column }) => this.format({ row, status, code, column, file, what_to_do: reasons[code] })),
    )
    if (text.length) await this.file.write(text.join(''))
  }

  async finish(): Promise<void> {
    await this.file.sync()
    await this.file.close()
    await rename(`${this.path}.part`, this.path)
  }

  async discard(): Promise<void> {
    await this.file.close()
    await rm(`${this.path}.part`, { force: true })
  }

  private format(line: Record<string, unknown>): string {
    return this.asCsv ? csvLine(cells.map((cell) => line[cell])) : `${JSON.stringify(line)}\n`
  }
}
