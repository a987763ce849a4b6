/** Cases of the fault matrix that no test names, and why. A test fails when one of them has got its test. */
export const WITHOUT_TEST: Record<string, string> = {
  A6: "no test yet: a kill while a callback is saved: its change is one transaction, as all are",
  H104: "no test yet: bounds of slow senders are those of the one listener: headers 5 s, a request 15 s, 2000 connections",
  I114: "no test yet: texts of songs in the pages, in a browser",
  N154: "needs the network of the registry: `npm audit --omit=dev && npm audit signatures` before a release",
};
