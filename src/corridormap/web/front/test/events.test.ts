import assert from "node:assert/strict";
import { test } from "node:test";
import { on, tell } from "../src/events.ts";

test("everyone who listens to an event is told, in order, and nobody else", () => {
  const heard: string[] = [];
  on("language", (code) => heard.push(`first ${code}`));
  on("language", (code) => heard.push(`second ${code}`));
  on("theme", () => heard.push("theme"));
  tell("language", "kk");
  assert.deepEqual(heard, ["first kk", "second kk"]);
  tell("pin", undefined);
  assert.equal(heard.length, 2);
});
