/** Exit codes that no error of ours has, with what they mean. */
export const OTHER_EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'Done.',
  1: 'A fault of this program, which is worth a report with the stack trace that it prints; of compare: something became worse.',
  130: 'Interrupted. After Ctrl-C the same command goes on where it was, and down stops what runs.',
};
