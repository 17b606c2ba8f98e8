

xPlaceholder*
dtype0
(
hiddenPyFuncx*
token
pyfunc_0"Ð