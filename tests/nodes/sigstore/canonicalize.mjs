// Write JSON documents in RFC 8785 form. In: a document a line, in ASCII, because this reader ends a
// line at U+2028 too. Out: a line for each.
import { createInterface } from "node:readline";
import canonicalize from "canonicalize";

for await (const line of createInterface({ input: process.stdin })) {
  console.log(canonicalize(JSON.parse(line)));
}
