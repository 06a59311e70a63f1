import { ImportRefused } from './codes.js'

/** Fields of a row, with the headers they are known by; compared without case, blanks, marks and bracketed remarks. */
const headers = {
  name: ['name', 'full name', 'customer', 'customer name', '姓名', '客户姓名', '客户名称', '名字'],
  id_number: [
    'id number',
    'id no',
    'id card',
    'id card number',
    'identity number',
    '身份证号',
    '身份证号码',
    '身份证',
    '证件号',
    '证件号码',
    '公民身份号码',
    '居民身份证号码',
  ],
  phone: ['phone', 'mobile', 'phone number', 'mobile number', '手机', '手机号', '手机号码', '电话', '联系电话'],
  email: ['email', 'e-mail', 'mail', '邮箱', '电子邮箱', '电子邮件'],
  address: ['address', '地址', '住址', '联系地址', '家庭住址', '通讯地址'],
  account_number: [
    'account number',
    'account',
    'bank account',
    'card number',
    '账号',
    '银行账号',
    '帐号',
    '银行卡号',
    '卡号',
  ],
  business_type: ['business type', 'business', 'product', '业务类型', '业务', '业务种类'],
  tags: ['tags', 'tag', 'labels', '标签'],
  owner: ['owner', 'clerk', 'account manager', '负责人', '经办人', '客户经理', '所属员工'],
  consent_given_at: ['consent given at', 'consent given', 'consent date', '同意日期', '授权日期', '同意时间'],
  consent_until: ['consent until', 'consent expires', '同意有效期', '授权有效期', '授权截止日期'],
  captured_at: ['captured at', 'photo date', '拍摄日期', '拍摄时间', '照片日期'],
  id_front: ['id front', 'photo id front', 'photo', 'photo file', 'id photo', '身份证正面', '身份证人像面', '照片'],
  id_back: ['id back', 'photo id back', '身份证反面', '身份证背面', '身份证国徽面'],
  face: ['face', 'photo face', 'face photo', 'portrait', '人脸', '人脸照片', '头像'],
  document: ['document', 'photo document', 'documents', '其他证件', '证件照片', '文件'],
} as const satisfies Record<string, readonly string[]>

export type Field = keyof typeof headers
export type Values = Partial<Record<Field, string>>

export const fields = Object.keys(headers) as Field[]
export const photoFields = ['id_front', 'id_back', 'face', 'document'] as const satisfies readonly Field[]
const isField = (text: string): text is Field => Object.hasOwn(headers, text)

const plainOf = (header: string): string =>
  header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\([^)]*\)/g, '')
    .replace(/[\s_\-*:.#]/g, '')

const known = new Map(
  fields.flatMap((field) => [field, ...headers[field]].map((header): [string, Field] => [plainOf(header), field])),
)

export interface Columns {
  /** position in the file → field; columns that nothing is known about are absent */
  fields: (Field | undefined)[]
  /** header of each field, for the report */
  headerOf: Partial<Record<Field, string>>
  ignored: string[]
}

/** Which column holds what: by `map` (header → field, `-` to ignore it) first, then by its header. */
export function readHeader(cells: readonly string[], map: ReadonlyMap<string, string> = new Map()): Columns {
  const wishes = new Map([...map].map(([header, field]) => [plainOf(header), field.trim().toLowerCase()]))
  const columns: Columns = { fields: [], headerOf: {}, ignored: [] }
  const twice: string[] = []
  for (const [at, cell] of cells.entries()) {
    const header = plainOf(cell)
    const wish = wishes.get(header)
    wishes.delete(header)
    if (wish !== undefined && wish !== '-' && !isField(wish))
      throw new ImportRefused(`--map names a field that does not exist: use ${fields.join(', ')}, or - to ignore.`)
    const field = wish === '-' ? undefined : ((wish as Field | undefined) ?? known.get(header))
    if (field && columns.headerOf[field] !== undefined) twice.push(field)
    columns.fields[at] = field
    if (field) columns.headerOf[field] = cell.trim()
    else if (cell.trim()) columns.ignored.push(cell.trim())
  }
  if (wishes.size)
    throw new ImportRefused(`--map names a column that the file does not have: ${[...wishes.keys()][0]}.`)
  if (twice.length)
    throw new ImportRefused(
      `Two columns are taken for ${twice.join(', ')}: say which with --map "header=field,other=-".`,
    )
  return columns
}
