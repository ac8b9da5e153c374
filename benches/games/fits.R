# Times the fits of the R package `games` on its own data, which it first writes to a folder as CSV: median over repetitions of user plus system
# time, and on the clock, as a line of JSON each.
#
#   Rscript benches/games/fits.R FOLDER [REPETITIONS]
suppressPackageStartupMessages(library(games))

arguments <- commandArgs(trailingOnly = TRUE)
repetitions <- as.integer(c(arguments, "7")[2])
tables <- c("war1800", "leblang2003", "data_122", "data_123", "data_ult")
data(list = tables)
for (table in tables) {
  write.csv(get(table), file.path(arguments[1], paste0(table, ".csv")), row.names = FALSE)
}

war <- esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2
attacks <- outcome ~ capcont + lreserves + overval + creditgrow + USinterest + service + contagion + prioratt - 1 | 1 | 1 |
  unifgov + lexports + preelec + postelec + rightgov + realinterest + capcont + lreserves
fits <- list(
  "war1800" = function() egame12(war, data = war1800),
  "war1800-logit" = function() egame12(war, data = war1800, link = "logit"),
  "war1800-private" = function() egame12(war, data = war1800, type = "private"),
  "leblang2003" = function() egame12(attacks, data = leblang2003, link = "probit", type = "private"),
  "egame122" = function() egame122(y ~ x1 + x2 | x3 + f1 | 0 | x4 + x5 | z1 + z2 | z3 + f2, data = data_122),
  "egame123" = function() egame123(y ~ x1 + x2 | 0 | x3 | x4 + x5 | 0 | x6 | x7 | x8, data = data_123,
                                   link = "probit", type = "private"),
  "ultimatum" = function() ultimatum(offer + accept ~ x1 + x2 + x3 + x4 + w1 + w2 | z1 + z2 + z3 + z4 + w1 + w2,
                                     data = data_ult, maxOffer = 15),
  "war1800-100-replicates" = function() egame12(war, data = war1800, boot = 100, bootreport = FALSE)
)

for (name in names(fits)) {
  fit <- fits[[name]]
  found <- suppressWarnings(fit())
  times <- sapply(seq_len(if (grepl("replicates", name)) 1 else repetitions), function(i) {
    gc(FALSE)
    t <- suppressWarnings(system.time(fit()))
    c(t[["user.self"]] + t[["sys.self"]], t[["elapsed"]])
  })
  values <- coef(found)[!found$fixed]
  cat(sprintf('{"name": "%s", "processor": %.6f, "clock": %.6f, "log_likelihood": %.9f, "coefficients": [%s]}\n',
              name, median(times[1, ]), median(times[2, ]), sum(found$log.likelihood),
              paste(sprintf("%.12g", values), collapse = ", ")))
}
