/* The page of an atlas. */
import { offer } from "../start.ts";

offer();
