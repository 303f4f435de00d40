/* The page of an atlas. */
import { offer } from "../host.ts";

offer();
