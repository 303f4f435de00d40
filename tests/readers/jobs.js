// What every reader in Node does: read the jobs from standard input, do them one after another, and print what was seen, and by which version.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const plain = (features) => ({ features: features.map(({ properties, geometry }) => ({ properties, geometry })) });

export const answer = async (name, read) => {
  const layers = [];
  for (const job of JSON.parse(await text(process.stdin))) layers.push(plain(await read(job)));
  const { version } = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8"));
  process.stdout.write(JSON.stringify({ version, layers }) + "\n");
};
