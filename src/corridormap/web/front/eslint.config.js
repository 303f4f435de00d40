import js from "@eslint/js";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import { importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

// Text of an atlas is hostile until it is a text node: what reads text as markup is not used anywhere.
const MARKUP = ["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe", "srcdoc", "parseFromString",
  "createContextualFragment", "write", "writeln"];

export default tseslint.config(
  { ignores: ["bundle/", "node_modules/"] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    plugins: { "import-x": importX },
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["*.js"] }, tsconfigRootDir: import.meta.dirname } },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver()], "import-x/extensions": [".ts"], "import-x/parsers": { "@typescript-eslint/parser": [".ts"] } },
    rules: {
      "eqeqeq": "error",
      "no-eval": "error",
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
      "import-x/no-cycle": "error",
      "no-restricted-syntax": ["error", ...MARKUP.map((name) => ({
        selector: `:matches(MemberExpression[property.name='${name}'], MemberExpression[property.value='${name}']${name === "write" ? "" : `, Property[key.name='${name}']`})`,
        message: "Make elements with h() of dom.ts: text stays text.",
      }))],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  { files: ["*.js"], extends: [tseslint.configs.disableTypeChecked] },
  { files: ["test/**"], rules: { "@typescript-eslint/no-floating-promises": "off", "no-restricted-syntax": "off" } },
);
