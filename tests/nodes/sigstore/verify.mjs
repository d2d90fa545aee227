// Verify Sigstore bundles with the published verifier. In: JSON lines, one case each,
//   {"bundle": "<text>", "keys": {hint: {"spki": "<PEM>", "end": "<time>"?}},
//    "authorities": [["<DER of the signer, base64>", …, "<of its root>"]], "timestamps": n}
// Out: a line for each case, OK or the code of the error that was thrown.
import { createInterface } from "node:readline";
import { bundleFromJSON } from "@sigstore/bundle";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

const der = (text) => ({ rawBytes: Buffer.from(text, "base64") });

function publicKey({ spki, end }) {
  const body = spki.replace(/-----[^-]+-----|\s/g, "");
  return { ...der(body), validFor: { end: end && new Date(end) } };
}

function verify({ bundle, keys, authorities, timestamps }) {
  const root = {
    certificateAuthorities: [],
    timestampAuthorities: authorities.map((chain) => ({ certChain: { certificates: chain.map(der) } })),
    tlogs: [],
    ctlogs: [],
  };
  const known = Object.entries(keys).map(([hint, key]) => [hint, publicKey(key)]);
  const trusted = toTrustMaterial(root, Object.fromEntries(known));
  const options = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: timestamps };
  new Verifier(trusted, options).verify(toSignedEntity(bundleFromJSON(JSON.parse(bundle))));
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    verify(JSON.parse(line));
    console.log("OK");
  } catch (error) {
    console.log(error.code ?? `${error.name}: ${error.message}`);
  }
}
