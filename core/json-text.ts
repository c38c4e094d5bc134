const texts = new WeakMap<object, string>()

/**
 * The JSON of a record, made once. Only for records that are replaced and never changed, such as instances and services:
 * one registration writes the same text to its row, to the journal and to its answer.
 */
export function jsonText(record: object): string {
  let text = texts.get(record)
  if (text === undefined) {
    text = JSON.stringify(record)
    texts.set(record, text)
  }
  return text
}
