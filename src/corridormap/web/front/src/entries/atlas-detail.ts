/* The page of an atlas whose lines get their detail from a file of vector tiles. */
import { startDetail } from "../detail.ts";
import { offer } from "../start.ts";

offer([startDetail]);
