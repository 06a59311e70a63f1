const isTour = ({ path }) => path.endsWith('/languages.test.ts')

/** The tour of every page takes as long as a third of the stories together: begun last, it would go on alone. */
export default class {
  sort(tests) {
    return tests.toSorted((a, b) => isTour(b) - isTour(a))
  }
  cacheResults() {}
}
