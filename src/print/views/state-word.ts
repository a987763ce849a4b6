/** The state of a record that is here, in the word of the lists: one that has not ended is running. */
export function stateWord(state: string): string {
  return state === "pending" ? "running" : state;
}
