import type { ErrorCode, YAMLParseError } from 'yaml'
import type { Said } from './said.js'

/** What the reader of YAML finds wrong, which it says in English alone. */
const chinese: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: '别名不能带锚点或标签',
  BAD_ALIAS: '以 `*` 开头的值须加引号',
  BAD_COLLECTION_TYPE: '标签与映射或列表不符',
  BAD_DIRECTIVE: '指令（% 开头的行）有误',
  BAD_DQ_ESCAPE: '双引号文本中的转义有误',
  BAD_INDENT: '缩进有误',
  BAD_PROP_ORDER: '锚点或标签的位置有误',
  BAD_SCALAR_START: '文本不能以此字符开头，请加引号',
  BLOCK_AS_IMPLICIT_KEY: '一行中有多余的冒号，或键不能这样写',
  BLOCK_IN_FLOW: '方括号或花括号内不能这样分行书写',
  DUPLICATE_KEY: '同一映射中有重复的键',
  IMPOSSIBLE: '无法解析',
  KEY_OVER_1024_CHARS: '键超过 1024 个字符',
  MISSING_CHAR: '缺少字符，例如引号、冒号、逗号或括号',
  MULTILINE_IMPLICIT_KEY: '键不能跨行',
  MULTIPLE_ANCHORS: '一处只能有一个锚点',
  MULTIPLE_DOCS: '只能有一个文档',
  MULTIPLE_TAGS: '一处只能有一个标签',
  NON_STRING_KEY: '键须为文本',
  RESOURCE_EXHAUSTION: '嵌套过深',
  TAB_AS_INDENT: '不能用制表符缩进',
  TAG_RESOLVE_FAILED: '标签无法识别，或值与其不符',
  UNEXPECTED_TOKEN: '此处不应出现这些字符',
}

/** Where it says too little, or how it failed rather than why, in our own words. */
const english: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'a value that begins with `*` stands in quotes',
  RESOURCE_EXHAUSTION: 'values stand too deep in each other',
}

export const wrongYaml = ({ code, message }: YAMLParseError): Said => ({
  en: english[code] ?? message,
  zh: chinese[code],
})
