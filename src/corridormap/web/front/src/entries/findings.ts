/* The page of a report. */
import { startFindings } from "../findings.ts";
import { mercator } from "../plainmap.ts";

Object.assign(window, { corridormap: { map: startFindings(), mercator } });
