/* The page of a report. */
import { startFindings } from "../findings.ts";

Object.assign(window, { corridormap: { map: startFindings() } });
