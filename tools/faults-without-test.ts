const NO_SERVER = "there is no server yet";

/** Cases of the fault matrix that no test names, and why. A test fails when one of them has got its test. */
export const WITHOUT_TEST: Record<string, string> = {
  A6: "no test yet: a kill while a callback is saved: its change is one transaction, as all are",
  H104: "no test yet: bounds of slow senders are those of the one listener: headers 5 s, a request 15 s, 2000 connections",
  ...Object.fromEntries([112, 114, 115, 116, 117].map((number) => [`I${number}`, NO_SERVER])),
  N154: "needs the network of the registry: `npm audit --omit=dev && npm audit signatures` before a release",
};
