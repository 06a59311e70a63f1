/** Where a list of rules, read from left to right, has led to. */
interface SetNode {
  number: number
  next: (SetNode | undefined)[]
}

/** Numbers for sets of rules: the same few come again and again, found in the same order. */
export class SetNumbers {
  readonly all: number[][] = []
  private readonly root: SetNode = { number: -1, next: [] }

  numberOf(found: readonly number[]): number {
    let node = this.root
    for (const rule of found) node = node.next[rule] ??= { number: -1, next: [] }
    if (node.number < 0) node.number = this.all.push([...found].sort((a, b) => a - b)) - 1
    return node.number
  }
}
