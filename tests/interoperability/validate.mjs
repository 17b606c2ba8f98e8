// Validates documents against a JSON Schema with ajv: node validate.mjs SCHEMA[,REFERENCED...] DOCUMENT...
// Prints one line for each document that does not conform; exit code 1 where any does not.
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";

const require = createRequire(process.env.AJV_FOLDER + "/");
const [schemas, ...documents] = process.argv.slice(2);
const [main, ...others] = schemas.split(",").map((path) => JSON.parse(readFileSync(path, "utf8")));
const draft2020 = (main.$schema || "").includes("2020-12");
const Ajv = require(draft2020 ? "ajv/dist/2020" : "ajv").default;
const ajv = new Ajv({strict: false, allErrors: false, validateFormats: true, logger: false});
require("ajv-formats").default(ajv);
others.forEach((schema) => ajv.addSchema(schema));
const check = ajv.compile(main);
let wrong = 0;
for (const path of documents) {
  if (!check(JSON.parse(readFileSync(path, "utf8")))) {
    wrong += 1;
    console.log(path + ": " + ajv.errorsText(check.errors));
  }
}
process.exit(wrong === 0 ? 0 : 1);
