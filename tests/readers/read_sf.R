# What R's sf reads, by the jobs on standard input.
suppressPackageStartupMessages(library(sf))
library(jsonlite)
jobs <- fromJSON(file("stdin"), simplifyVector = FALSE)
options <- list(csv = "EMPTY_STRING_AS_NULL=YES")
read <- function(job) {
  asked <- list(dsn = job$path, quiet = TRUE, stringsAsFactors = FALSE, options = options[[job$format]])
  if (!is.null(job$inner)) asked$layer <- job$inner
  frame <- do.call(st_read, asked)
  shapes <- st_geometry(frame)
  wkb <- st_as_binary(shapes, hex = TRUE)
  wkb[st_is_empty(shapes)] <- NA
  table <- st_drop_geometry(frame)
  dates <- vapply(table, inherits, TRUE, c("Date", "POSIXt"))
  table[dates] <- lapply(table[dates], as.character)
  features <- data.frame(geometry = as.character(wkb))
  features$properties <- table
  list(features = features, crs = unbox(st_crs(frame)$Name))
}
found <- list(version = unbox(as.character(packageVersion("sf"))), layers = lapply(jobs, read))
cat(toJSON(found, na = "null", null = "null", digits = NA))
