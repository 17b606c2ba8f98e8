a
"serve*2.21.0N

xPlaceholder*
dtype0
(
hiddenPyFuncx*
token
pyfunc_0"Ð