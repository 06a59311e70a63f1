/** Family names of two characters that are borne today; everybody else's is the first character. */
const ofTwo = new Set(
  '欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五 歐陽 司馬 東方 諸葛 鮮于 尉遲'.split(
    ' ',
  ),
)

/** The family name of a name in Chinese characters; undefined for all others, where it may be the first word or the last. */
export function surnameOf(name: string): string | undefined {
  const plain = name.normalize('NFKC').replace(/\s/gu, '')
  if (!/^\p{Script=Han}{2,}$/u.test(plain)) return undefined
  const two = plain.slice(0, 2)
  return plain.length > 2 && ofTwo.has(two) ? two : [...plain][0]
}
